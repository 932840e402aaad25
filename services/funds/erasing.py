"""What an erasure does in this room (docs/security.md, Erasure)."""

from members.people.registry import Erased

from . import actions

COVERS = {
    "services_funds.FundPreset": "what money is given for",
    "services_funds.Application": "words emptied; states, amounts and days stay",
    "services_funds.SubsidyList": "a month, figures and states",
    "services_funds.SubsidyLine": "which branch, since when",
}


def erase(erased: Erased) -> None:
    for key in erased.keys:
        actions.forget(key, by=erased.by)
