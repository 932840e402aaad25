"""Who comes to every address: what each may see of which side, told by ties and not by the code that is tested."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from checkin.api.models import Purpose
from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from tests.checkin.api.systems import system_of
from tests.communities.factories import UserFactory, make_staff
from tests.matrix.asking import session_of
from tests.matrix.marks import Mark
from tests.matrix.town import Side, Town

# Ties of a role to a side. PEOPLE: those that make one see the side's people (docs/rules.md, P2).
PEOPLE = frozenset({"community", "unit", "street", "district", "city"})
SELF = frozenset({"self", "helper"})
BUREAUS = frozenset({"district", "city"})
# Fields that the screens of a side do not hold (design §5; docs/rules.md, E2, O7)
UNIT_OWN = frozenset({
    "former_name", "native_place", "original_post", "new_post", "title", "household_address", "resettled_to", "rank",
    "treatment", "category",
})  # fmt: skip
UNSEEN = {"community": UNIT_OWN, "unit": frozenset({"needs", "aid_words"})}
PRIVATE = frozenset({"private_words"})  # 心里话: the person and the desk, which here is the community
NUMBERS = frozenset({"id_number", "phone", "emergency_phone", "landline", "new_id_number", "claim_phone"})


@dataclass(frozen=True)
class Role:
    """`ties`: by side; `areas`: the staff pages it may enter; `token`: of an outside system, with its purposes.

    `lead`: 负责人. `sits`: the organisation's side and area for whom it works, where it has one.
    """

    name: str
    user: User | None = None
    session: str | None = None
    ties: dict[str, frozenset[str]] = field(default_factory=dict)
    areas: frozenset[str] = frozenset()
    lead: bool = False
    oneself: str = ""  # the person of `own` that the role is, or helps
    token: str = ""
    purposes: frozenset[str] = frozenset()

    def ties_to(self, side: str) -> frozenset[str]:
        return self.ties.get(side, frozenset())

    def may_see(self, mark: Mark) -> bool:
        """Whether this mark may stand in an answer to this role."""
        ties = self.ties_to(mark.side)
        if not mark.who:  # words of a code list: whose they are a list of choices does not tell
            return True
        if mark.who in ("restricted", "restricted_draft"):
            return bool(ties & BUREAUS)
        if mark.side == "own" and mark.who == self.oneself:
            return True
        return bool(ties & PEOPLE)

    def hidden_fields(self, side: str) -> frozenset[str]:
        """Fields of the side's people that no page of this role may hold."""
        ties = self.ties_to(side)
        private = frozenset[str]() if ties & (SELF | {"community"}) else PRIVATE
        if ties & (BUREAUS | SELF):
            return private
        return private.union(*(UNSEEN.get(tie, ()) for tie in ties))


def roles_of(town: Town) -> list[Role]:
    """Every role, seen from `own`."""
    own, staff = town.sides["own"], town.sides["own"].staff
    main = own.people["main"]
    near = {"own": frozenset({"street"}), "neighbour": frozenset({"street"})}
    district = {name: frozenset({"district", "any bureau"}) for name in ("own", "neighbour")}
    district["foreign"] = frozenset({"any bureau"})
    district["own"] |= {"district clerk"}
    city = {name: frozenset({"city"}) for name in town.sides}
    today = timezone.localdate()
    ended = make_staff(own.community, valid_until=today - timedelta(days=1))
    Assignment.objects.create(
        user=ended, organisation=own.unit, role=Assignment.Role.LEAD, valid_from=date(2020, 1, 1),
        valid_until=today - timedelta(days=1),
    )  # fmt: skip
    both = own.people["to_end"].user
    assert both is not None
    Assignment.objects.create(
        user=both, organisation=own.community, role="clerk", valid_from=date(2020, 1, 1)
    )

    def logged_in(
        name: str,
        user: User | None,
        ties: dict[str, frozenset[str]],
        *areas: str,
        lead: bool = False,
        oneself: str = "",
    ) -> Role:
        assert user is not None
        return Role(name, user, session_of(user), ties, frozenset(areas), lead, oneself)

    def of_own(*ties: str) -> dict[str, frozenset[str]]:
        return {"own": frozenset(ties)}

    roles = [
        Role("nobody"),
        logged_in("somebody without any office", UserFactory(), {}),
        logged_in("retiree", main.user, of_own("self"), oneself="main"),
        logged_in("helper", staff["helper"], of_own("helper"), oneself="main"),
        logged_in(
            "community clerk", staff["community_clerk"], of_own("community", "community clerk"), "community"
        ),
        logged_in("community lead", staff["community_lead"], of_own("community"), "community", lead=True),
        logged_in("unit clerk", staff["unit_clerk"], of_own("unit", "unit clerk"), "unit"),
        logged_in("unit lead", staff["unit_lead"], of_own("unit"), "unit", lead=True),
        logged_in("street", staff["street_clerk"], near, "bureau"),
        logged_in("district bureau", staff["district_clerk"], district, "bureau"),
        logged_in(
            "district bureau lead",
            staff["district_lead"],
            district | {"own": district["neighbour"]},
            "bureau",
            lead=True,
        ),
        logged_in("city bureau", make_staff(town.city.city), city, "bureau"),
        logged_in("clerk whose work ended yesterday", ended, {}),
        logged_in("retiree who is clerk too", both, of_own("community"), "community", oneself="to_end"),
    ]
    return roles + [role for area in ("unit", "community", "bureau") for role in _systems(own, town, area)]


def _systems(own: Side, town: Town, area: str) -> list[Role]:
    """The systems of an organisation: with every purpose, and each time without one."""
    tie = {"unit": "unit", "community": "community", "bureau": "district"}[area]
    sides = ("own", "neighbour") if area == "bureau" else ("own",)
    ties = {name: frozenset({tie}) for name in sides}
    found = []
    for left in (None, *Purpose):
        purposes = [purpose for purpose in Purpose.values if purpose != left]
        system = system_of(own.organisation(area), *purposes)
        name = f"system of the {tie}" + (f" without {left}" if left else "")
        found.append(Role(name, None, None, ties, token=system.words, purposes=frozenset(purposes)))
    return found
