"""The three papers of a check-in: 报到单 in three parts, 回执, 联系卡."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from checkin.record.models import CheckIn, State
from huifeng.typesetting import typeset

from .facts import facts_of
from .links import qr_svg

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Sheet:
    """A kind of paper: its address word, its title, and the states in which it may be printed."""

    key: str
    title: str
    states: tuple[State, ...]

    @property
    def template(self) -> Path:
        return HERE / f"{self.key}.typ"


_UNDER_WAY = (State.SUBMITTED, State.VERIFIED, State.RETURNED, State.CONFIRMED)

SHEETS = {
    sheet.key: sheet
    for sheet in (
        Sheet("letter", "居住地联系报到介绍信", _UNDER_WAY),
        Sheet("receipt", "居住地联系报到回执", _UNDER_WAY),
        Sheet("card", "社区联系卡", (State.CONFIRMED,)),
    )
}


def make(
    sheet: Sheet,
    checkins: Sequence[CheckIn],
    *,
    format: Literal["pdf", "png"] = "pdf",
    without: Collection[str] = (),
) -> bytes:
    """The papers of `checkins`, one page each, as PDF (PNG for a phone's album: the first page).

    `without`: facts that whoever prints does not see; they are left blank.

    About a tenth of a second; nothing is stored. Two queries a check-in besides its own relations.
    """
    images = {f"qr-{n}.svg": qr_svg(checkin) for n, checkin in enumerate(checkins)}
    blank = dict.fromkeys(without, "")
    facts = [{**facts_of(checkin), **blank, "qr": f"qr-{n}.svg"} for n, checkin in enumerate(checkins)]
    return typeset(sheet.template, {"sheets": facts}, images=images, format=format)
