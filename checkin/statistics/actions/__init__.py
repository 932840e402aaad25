"""What changes the months: submitting, closing, reopening. The city's statement of a month is locked first."""

from .closing import CLOSE, close, start_closing
from .reminding import REMINDED, remind
from .reopening import ask_reopen, reopen
from .submitting import Submission, submissions, submit

__all__ = [
    "CLOSE",
    "REMINDED",
    "Submission",
    "ask_reopen",
    "close",
    "remind",
    "reopen",
    "start_closing",
    "submissions",
    "submit",
]
