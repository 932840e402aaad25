"""Damage of every kind, each planted by hand under the program's feet.

A plant prepares what is sound and returns the act that does the damage, which returns the person it concerns.
"""

from collections.abc import Callable

from tests.checkin.feedback.conftest import Fed

from . import notices, outside, people, reports
from .sound import Damage, Plant, enrolled, found, run, settle

__all__ = ["FEEDBACK", "LEFT", "REPAIRED", "Damage", "Plant", "enrolled", "found", "run", "settle"]

# Name, what is planted, and the check that must find it; the first group is repaired without anybody's decision.
REPAIRED: list[tuple[Plant, str]] = [
    (notices.open_units_notice_deleted, "untold"),
    (notices.communitys_notice_deleted, "untold"),
    (notices.desks_notice_deleted, "untold"),
    (notices.outbox_row_stuck, "stuck"),
    (notices.delivered_notice_deleted, "numbers"),
    (notices.last_notice_deleted, "numbers"),
    (notices.mailbox_set_back, "numbers"),
    (notices.cursor_past_what_was_sent, "webhooks"),
    (notices.cursor_past_the_end, "webhooks"),
    (people.proposal_on_a_wrong_desk, "proposals"),
    (outside.outside_lacks_somebody, "outside"),
    (outside.outside_has_somebody_else, "outside"),
    (outside.outside_is_older, "outside"),
    (outside.outside_has_another_state, "outside"),
]
LEFT: list[tuple[Plant, str]] = [
    (notices.webhook_nobody_tries, "webhooks"),
    (notices.webhook_lost, "webhooks"),
    (notices.dead_letter_forgotten, "letters"),
    (people.state_edited, "states"),
    (people.residence_edited, "places"),
    (people.requests_unit_edited, "units"),
    (people.desk_gone, "desks"),
    (people.membership_edited, "memberships"),
    (people.membership_deleted, "memberships"),
    (people.unit_closed_by_hand, "memberships"),
    (people.death_by_hand, "gone"),
    (people.post_of_a_merged_row, "gone"),
    (people.proposal_about_the_dead, "gone"),
    (notices.text_not_sent, "texts"),
    (people.months_sum_edited, "months"),
]
FEEDBACK: list[tuple[Callable[[Fed], Damage], str, bool]] = [
    (reports.report_deleted, "reports", True),
    (reports.report_edited, "frozen", False),
    (reports.reports_notice_gone, "reports_untold", True),
]
