"""Every check there is, in the order of the page. One file for each subject; a check is one constant in its CHECKS."""

from ..comparing import Check
from . import checkins, feedback, notices, outside, people

CHECKS: tuple[Check, ...] = (
    *notices.CHECKS,
    *checkins.CHECKS,
    *people.CHECKS,
    *feedback.CHECKS,
    *outside.CHECKS,
)
BY_KEY = {check.key: check for check in CHECKS}
