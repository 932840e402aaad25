"""Consent taken back, erasure asked for, decided and done. Each locks the person first (rules P3)."""

from .asking import ask, take_back
from .consent import withdraw_consent
from .erasure import erase, erase_what_is_over, refuse, what_keeps

__all__ = ["ask", "erase", "erase_what_is_over", "refuse", "take_back", "what_keeps", "withdraw_consent"]
