"""The people behind the ready accounts: one retiree in each state, and an elder whose daughter helps."""

from dataclasses import asdict, dataclass
from typing import Any

from checkin.record.models import Channel
from communities.organisations.models import Organisation

from .families import Families
from .people import Maker, Person
from .places import Home
from .staff import PASSWORD, Staff
from .waiting import Waiting

PHONES = {
    "retiree": "19900000001",
    "retiree_draft": "19900000002",
    "retiree_returned": "19900000003",
    "retiree_waiting": "19900000004",
    "retiree_confirmed": "19900000005",
    "helped": "19900000006",
    "helper": "19900000011",
}
NAMES = {
    "retiree": ("于建华", "M"),
    "retiree_draft": ("孙丽华", "F"),
    "retiree_returned": ("刘志强", "M"),
    "retiree_waiting": ("王爱玲", "F"),
    "retiree_confirmed": ("姜国庆", "M"),
    "helped": ("矫淑贞", "F"),
}
AGES = {"helped": (87, 89)}
STAFF_HOME = {
    Organisation.Kind.COMMUNITY: "/community/",
    Organisation.Kind.UNIT: "/unit/",
    Organisation.Kind.STREET: "/bureau/",
    Organisation.Kind.BUREAU: "/bureau/",
}


@dataclass
class Account:
    """An account ready to log in with; people log in by phone, so they have no password."""

    role: str
    login: str
    password: str
    home: str
    organisation: str
    name: str
    note: str


def make_people(maker: Maker, home: Home, unit: Organisation) -> dict[str, Person]:
    """The retirees of the ready accounts: all of the demo unit, all living in the demo community."""
    people: dict[str, Person] = {}
    for role, (name, sex) in NAMES.items():
        person = maker.person(
            home=home, unit=unit, ages=AGES.get(role, (64, 74)), complete=True, sex=sex, name=name
        )
        maker.registry.phones.add(PHONES[role])
        person.row.set_phone(PHONES[role])
        person.row.residence = home.division
        person.row.residence_address = (
            f"{home.district}{home.estates[0]}{len(people) + 1}号楼2单元{len(people) + 1}01户"
        )
        people[role] = person
    return people


def give_stories(people: dict[str, Person], stories: Waiting, families: Families) -> str:
    """Bring each where the account shows it; returns the helper's name."""
    days, community = stories.days, people["retiree"].home
    assert community is not None
    organisation = community.organisation
    for role in ("retiree", "helped"):
        families.account(people[role], days.office(stories.chance, days.back(3)))
    stories.fill_in(stories.case(people["retiree_draft"]), days.back(2), community=organisation, submit=False)
    stories.returned(people["retiree_returned"], 2, by_unit=False, channel=Channel.ONLINE)
    stories.fill_in(stories.case(people["retiree_waiting"]), days.back(1), community=organisation)
    done = stories.case(people["retiree_confirmed"])
    stories.fill_in(done, days.back(60), community=organisation)
    stories.confirm(done, days.office(stories.chance, days.back(58)), organisation)
    agreed = days.office(stories.chance, days.back(3))
    helper = families.helper(
        people["helped"], agreed, relation="daughter", phone=PHONES["helper"], name="宋晓梅"
    )
    return helper.name


def accounts(
    people: dict[str, Person], helper: str, staff: Staff, offices: list[tuple[str, Organisation, int, str]]
) -> list[dict[str, Any]]:
    """Every ready account. `offices`: role, organisation, which of its clerks, note."""
    community = people["retiree"].home
    assert community is not None
    where = community.organisation.name
    helped = people["helped"].row.name
    notes = {
        "retiree": "还没有报到，可以从头走一遍",
        "retiree_draft": "填了一半，还没有提交",
        "retiree_returned": "社区请本人补充",
        "retiree_waiting": "已提交，等社区确认",
        "retiree_confirmed": "已报到",
    }
    made = [
        Account(
            "retiree", PHONES["retiree"], "", "/my/", where, people["retiree"].row.name, notes["retiree"]
        ),
        Account("helper", PHONES["helper"], "", "/my/", where, helper, f"替母亲{helped}办理"),
    ]
    for role, organisation, number, note in offices:
        clerk = staff.clerks[organisation.pk][number]
        home = STAFF_HOME[Organisation.Kind(organisation.kind)]
        made.append(
            Account(role, clerk.username, PASSWORD, home, organisation.name, clerk.display_name, note)
        )
    for role in ("retiree_draft", "retiree_returned", "retiree_waiting", "retiree_confirmed"):
        made.append(Account(role, PHONES[role], "", "/my/", where, people[role].row.name, notes[role]))
    return [asdict(account) for account in made]
