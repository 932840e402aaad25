"""What an erasure does in this room (docs/security.md, Erasure)."""

from huifeng.jobs import files
from members.people.registry import Erased

from .actions import JOB

COVERS = {"checkin_access.AccessAlert": "who looked at how many; nobody who was looked at"}


def erase(erased: Erased) -> None:
    files.forget_holding([JOB], erased.is_in)
