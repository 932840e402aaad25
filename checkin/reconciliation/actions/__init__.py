"""Reconciling, by command, every night, or when a bureau asks; keeping what outside systems say they hold, and
forgetting both in time."""

from .digests import keep_digest
from .forgetting import forget_old
from .reconciling import JOB, reconcile, start

__all__ = ["JOB", "forget_old", "keep_digest", "reconcile", "start"]
