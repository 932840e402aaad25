"""What an erasure does in this room (docs/security.md, Erasure)."""

from members.people.registry import Erased

from . import actions

COVERS = {
    "services_ledger.PointsReason": "what points are given for",
    "services_ledger.Account": "a number; what is left of it lapses",
    "services_ledger.Entry": "words emptied; amounts and days stay",
    "services_ledger.Goods": "what a community's shop has",
    "services_ledger.Redemption": "which goods, when",
}


def erase(erased: Erased) -> None:
    for key in erased.keys:
        actions.forget(key, by=erased.by)
