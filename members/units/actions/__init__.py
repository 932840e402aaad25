"""Which unit manages whom: one person at a time, and whole units at once (单位撤并)."""

from .carrying import carry_out, follow_reorganisation
from .memberships import bureau_for, join, overseer_of, responsible_organisation, transfer, unit_of
from .planning import Plan, assign, change_plan, plan_reorganisation, preview
from .undoing import undo_reorganisation

__all__ = [
    "Plan",
    "assign",
    "bureau_for",
    "carry_out",
    "change_plan",
    "follow_reorganisation",
    "join",
    "overseer_of",
    "plan_reorganisation",
    "preview",
    "responsible_organisation",
    "transfer",
    "undo_reorganisation",
    "unit_of",
]
