"""Funds, help for households in need (困难帮扶), and subsidies by the month. See docs/rules.md, section M.

Each act locks the person (or the list), asks permission, returns if done, moves, books, and writes audit and
notices, in one transaction.
"""

from .aid import apply, approve, check, close, pay, plan, refuse, take_back_payment, withdraw
from .following import (
    end_at_death,
    follow_closed,
    forget,
    plan_merge,
    reopen_after_death,
)
from .grants import grant, open_fund, reverse_grant
from .subsidies import approve_list, book_list, drop_list, eligible, make_list

__all__ = [
    "apply",
    "approve",
    "approve_list",
    "book_list",
    "check",
    "close",
    "drop_list",
    "eligible",
    "end_at_death",
    "follow_closed",
    "forget",
    "grant",
    "make_list",
    "open_fund",
    "pay",
    "plan",
    "plan_merge",
    "refuse",
    "reopen_after_death",
    "reverse_grant",
    "take_back_payment",
    "withdraw",
]
