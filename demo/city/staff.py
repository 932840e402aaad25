"""Who works where: a clerk for every office, two for some, and how offices are reached."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User

from . import words
from .chance import stream
from .days import Days
from .store import Store, new

PASSWORD = "huifeng-demo-2026"  # noqa: S105 -- shown on the login page of the demo
HOURS = "周一至周五 8:30–11:30，13:30–17:00"
PREFIX = {
    Organisation.Kind.BUREAU: "ju",
    Organisation.Kind.STREET: "jie",
    Organisation.Kind.COMMUNITY: "she",
    Organisation.Kind.UNIT: "dan",
}


@dataclass
class Staff:
    """The clerks by organisation; the first of each is the one who usually acts."""

    system: User
    clerks: dict[int, list[User]] = field(default_factory=dict)

    def clerk(self, organisation: Organisation, chance: Random | None = None) -> User:
        clerks = self.clerks[organisation.pk]
        return clerks[0] if chance is None else chance.choice(clerks)


def person_name(chance: Random) -> tuple[str, str]:
    """Name and sex of somebody of working age."""
    sex = "M" if chance.random() < 0.4 else "F"
    given = chance.choice(words.YOUNG) if chance.random() < 0.7 else chance.choice(words.GIVEN_LISTS[sex, 2])
    return words.SURNAMES.draw(chance) + given, sex


def new_user(
    store: Store,
    username: str,
    name: str,
    *,
    phone: str = "",
    password: str = "!",  # noqa: S107 -- none
    joined: object,
) -> User:
    user = new(User, username=username, display_name=name, password=password, date_joined=joined)
    if phone:
        user.set_phone(phone)
    return store.add(user)


def appoint(
    seed: int,
    days: Days,
    store: Store,
    places: list[Organisation],
    units: list[Organisation],
    two_clerks: set[int],
    named: dict[int, str],
) -> tuple[Staff, dict[int, dict[str, str]]]:
    """Give each organisation its clerks; `named`: login of the first one where it is not made from the code.

    Returns the staff, and for each organisation how it is reached (address is left to the caller).
    """
    chance = stream(seed, "staff")
    staff = Staff(User.objects.system())
    password = make_password(PASSWORD)
    joined = days.office(chance, days.working[0])
    contacts: dict[int, dict[str, str]] = {}
    began = days.launch - timedelta(days=30)
    for organisation in [*places, *units]:
        clerks = []
        if organisation.closed_on is None or organisation.closed_on > began:
            leads = organisation.kind == Organisation.Kind.BUREAU  # alone there, and reads the audit
            for number in range(2 if organisation.pk in two_clerks else 1):
                login = named.get(organisation.pk) or PREFIX[Organisation.Kind(organisation.kind)] + _short(
                    organisation
                )
                name, _ = person_name(chance)
                user = new_user(
                    store, login + (str(number + 1) if number else ""), name, password=password, joined=joined
                )
                clerks.append(user)
                store.add(
                    Assignment(
                        user=user,
                        organisation=organisation,
                        role=Assignment.Role.LEAD if leads or number else Assignment.Role.CLERK,
                        valid_from=began,
                        valid_until=organisation.closed_on,
                    )
                )
        staff.clerks[organisation.pk] = clerks
        contacts[organisation.pk] = {
            "phone": f"0532-8{chance.randrange(10**7):07d}",
            "contact": clerks[0].display_name if clerks else "",
            "hours": HOURS,
        }
    return staff, contacts


def _short(organisation: Organisation) -> str:
    """Of a place its area; of a unit the serial in its credit code."""
    if organisation.kind == Organisation.Kind.UNIT:
        return organisation.code[8:16].lstrip("0")
    return organisation.area
