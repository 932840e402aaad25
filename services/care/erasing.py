"""What an erasure does in this room (docs/security.md, Erasure)."""

from members.people.registry import Erased

from . import actions

COVERS = {
    "services_care.CarePreset": "names and settings of mechanisms",
    "services_care.CareClass": "class and days",
    "services_care.CareTeam": "which team, from when to when",
    "services_care.CareSeat": "who sat there is emptied",
    "services_care.Campaign": "title, day, figures",
    "services_care.Visit": "days and figures",
    "services_care.Obligation": "days and states",
    "services_care.CareNote": "words and condition emptied",
    "services_care.VisitDraft": "deleted",
}


def erase(erased: Erased) -> None:
    for key in erased.keys:
        actions.forget(key)
