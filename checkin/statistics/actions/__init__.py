"""What changes the months: submitting, closing, reopening. The city's statement of a month is locked first."""

from .closing import CLOSE, close, start_closing
from .reopening import ask_reopen, reopen
from .submitting import Submission, submissions, submit

__all__ = ["CLOSE", "Submission", "ask_reopen", "close", "reopen", "start_closing", "submissions", "submit"]
