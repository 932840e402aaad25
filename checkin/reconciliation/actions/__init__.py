"""Reconciling, by command, every night, or when a bureau asks; and keeping what outside systems say they hold."""

from .digests import keep_digest
from .reconciling import JOB, reconcile, start

__all__ = ["JOB", "keep_digest", "reconcile", "start"]
