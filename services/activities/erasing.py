"""What an erasure does in this room (docs/security.md, Erasure)."""

from huifeng.accounts.models import User
from members.people.registry import Erased

from . import actions

COVERS = {
    "services_activities.ActivityPreset": "names and settings of mechanisms",
    "services_activities.Venue": "places",
    "services_activities.Series": "what is held, by whom",
    "services_activities.Activity": "what is held, by whom; written by staff about an occasion",
    "services_activities.Participation": "places to come are freed, words emptied; who came stays a number",
}


def erase(erased: Erased) -> None:
    for key in erased.keys:
        actions.forget(key, by=User.objects.system())
