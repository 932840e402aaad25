"""What the table says of one address: objects, who may see, who may act."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.matrix.roles import BUREAUS

UNIT_SIDE = frozenset({"unit"}) | BUREAUS
COMMUNITY_SIDE = frozenset({"community"})
COMMUNITIES = frozenset({"community", "street"}) | BUREAUS
OUTSIDE = BUREAUS | {"community", "any bureau"}  # an organisation outside has no bureau of its own: F8
LEADS = frozenset({"unit", "community", "district", "city", "street"})
SELF = frozenset({"self"})
HELPER = frozenset({"helper"})
TODAY = {"0": "2026", "1": "11", "2": "1"}


@dataclass(frozen=True)
class Page:
    """`ids`: parameter → kind of object (town.py), or `=value` for one that names nothing of a side.

    `may`: the ties to a side that let its object be seen; None: no object of a side, for everybody of the area.
    `acts`: the ties that let a POST change something, None: those of `may`; `works`: a POST of somebody who may act
    changes something (the positive control). `lead`: only the lead (负责人). `public`: open to strangers.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    may: frozenset[str] | None = None
    body: Mapping[str, Any] | None = None
    acts: frozenset[str] | None = None
    works: bool = False
    lead: bool = False
    public: bool = False
    purpose: str | None = None
    method: str = "POST"
    version: str = ""
    often_empty: bool = False  # answers 403 or 404 to everybody where there is nothing to show
    full: bool = False  # may hold full numbers: the audited look
    shows: frozenset[str] = frozenset()  # fields that whoever holds a signed address is shown


def of(kind: str, may: frozenset[str], body: Mapping[str, Any] | None = None, **more: Any) -> Page:
    """A page of one object that `pk` names."""
    return Page({"pk": kind}, may, body, **more)


def act(kind: str, may: frozenset[str], acts: frozenset[str], /, **body: Any) -> Page:
    """An act on one object, with a body that is right: who may act changes something, nobody else does."""
    return Page({"pk": kind}, may, body, acts, works=True)
