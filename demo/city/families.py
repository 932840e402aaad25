"""Accounts of retirees and of the relatives who act for them."""

from datetime import datetime, timedelta
from random import Random

from huifeng.accounts.models import User
from members.people.actions.helping import CONSENT_TEXT
from members.people.models import Helper

from . import words
from .people import Person, Registry
from .staff import new_user
from .store import Store


class Families:
    """Makes accounts when somebody first needs one; a phone has one account at most."""

    def __init__(self, chance: Random, store: Store, registry: Registry):
        self.chance, self.store, self.registry = chance, store, registry
        self.phones = set[str]()

    def account(self, person: Person, since: datetime) -> User | None:
        """The account of a retiree; None without a phone, or when husband or wife has the phone's account."""
        row = person.row
        if row.user_id is not None:
            return row.user
        if not row.phone or row.phone in self.phones:
            return None
        self.phones.add(row.phone)
        row.user = self._user(row.name, row.phone, since)
        return row.user

    def helper(
        self, person: Person, since: datetime, *, relation: str = "", phone: str = "", name: str = ""
    ) -> Helper:
        """A relative with an account, to whom the retiree agreed a little before `since`."""
        sex = "M" if self.chance.random() < 0.4 else "F"
        relation = relation or self.chance.choice([r for r in words.RELATIONS[sex] if r != "spouse"])
        takes_name = relation in ("son", "daughter") and person.row.sex == "M"
        surname = person.row.name[0] if takes_name else words.SURNAMES.draw(self.chance)
        name = name or surname + self.chance.choice(words.YOUNG)
        agreed = since - timedelta(minutes=self.chance.randrange(5, 60))
        phone = phone or self.registry.phone()
        self.phones.add(phone)
        return self.store.add(
            Helper(
                retiree=person.row,
                user=self._user(name, phone, agreed),
                name=name,
                relation=relation,
                consent=Helper.Consent.CODE,
                consent_text=CONSENT_TEXT,
                consented_at=agreed,
            )
        )

    def _user(self, name: str, phone: str, since: datetime) -> User:
        username = f"p-{self.chance.getrandbits(64):016x}"
        user = new_user(self.store, username, name, phone=phone, joined=since)
        user.last_login = since
        return user
