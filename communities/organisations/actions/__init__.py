"""Changing organisations: those of places follow the register, units and staff come and go."""

from .access import reset_second_factor
from .places import ensure_place_organisations, follow_added, follow_closed, follow_renamed, update_contact
from .staff import assign, end_assignment
from .units import add_external, add_unit, close_unit, lock_with_people

__all__ = [
    "add_external",
    "add_unit",
    "assign",
    "close_unit",
    "end_assignment",
    "ensure_place_organisations",
    "follow_added",
    "follow_closed",
    "follow_renamed",
    "lock_with_people",
    "reset_second_factor",
    "update_contact",
]
