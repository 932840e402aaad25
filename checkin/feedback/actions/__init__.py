"""What can be done with feedback reports, one function a verb."""

from .answering import answer, answer_matter, mark_received
from .linking import give_link, revoke_link, use_link
from .making import FILES, JOB, Made, follow_closed, follow_moved_people, make, send, start, start_files
from .overseeing import close, close_agreed, correct, remind_overdue, urge

__all__ = [
    "FILES",
    "JOB",
    "Made",
    "answer",
    "answer_matter",
    "close",
    "close_agreed",
    "correct",
    "follow_closed",
    "follow_moved_people",
    "give_link",
    "make",
    "mark_received",
    "remind_overdue",
    "revoke_link",
    "send",
    "start",
    "start_files",
    "urge",
    "use_link",
]
