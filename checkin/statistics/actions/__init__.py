"""What changes the months: submitting, closing, reopening. The city's statement of a month is locked first.

Asking for papers changes no month.
"""

from .closing import CLOSE, close, start_closing
from .papers import ANNUAL, BULLETIN, KINDS, UNIT_WORKBOOK, WORKBOOK, ask_for_paper, ask_for_unit_paper
from .reminding import REMINDED, remind
from .reopening import ask_reopen, reopen
from .submitting import Submission, submissions, submit
from .telling import DUE, tell_what_is_due

__all__ = [
    "ANNUAL",
    "BULLETIN",
    "CLOSE",
    "DUE",
    "KINDS",
    "REMINDED",
    "UNIT_WORKBOOK",
    "WORKBOOK",
    "Submission",
    "ask_for_paper",
    "ask_for_unit_paper",
    "ask_reopen",
    "close",
    "remind",
    "reopen",
    "start_closing",
    "submissions",
    "submit",
    "tell_what_is_due",
]
