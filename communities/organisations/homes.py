"""Where staff go after login: the pages of the organisations they act for."""

from huifeng.accounts.homes import Home
from huifeng.accounts.models import User

from .models import Organisation
from .permissions import offices_of

PAGES = {
    Organisation.Kind.COMMUNITY: "/community/",
    Organisation.Kind.UNIT: "/unit/",
    Organisation.Kind.BUREAU: "/bureau/",
    Organisation.Kind.STREET: "/bureau/",
}


def staff_homes(user: User) -> list[Home]:
    """One home for each kind of organisation `user` acts for today, the longest-standing assignment first."""
    ours = [assignment.organisation for assignment in offices_of(user)]
    return [
        Home(title=organisation.name, url=PAGES[Organisation.Kind(organisation.kind)], staff=True)
        for organisation in ours
        if organisation.kind in PAGES
    ]
