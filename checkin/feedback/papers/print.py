"""A report as PDF, and the letter that brings it to an organisation outside the system."""

from pathlib import Path
from typing import Any

from checkin.feedback import letters
from huifeng.display import words
from huifeng.typesetting import typeset

from .facts import FIGURES, IDENTITY, Paper

HERE = Path(__file__).parent
WIDTHS = {
    "name": 18,
    "sex": 10,
    "age": 10,
    "other": 0,
    "state": 20,
    "since": 22,
    "care": 32,
}  # mm; 0: the rest
WIDTH = 15  # of a column that a section adds


def file_name(paper: Paper) -> str:
    return f"双向反馈单_{paper.report.number}_{paper.content['organisation']['name']}.pdf"


def make(paper: Paper) -> bytes:
    """The PDF; same report, same bytes."""
    return typeset(HERE / "report.typ", facts_of(paper), tagged=False)


def facts_of(paper: Paper) -> dict[str, Any]:
    return {
        "title": paper.title,
        "number": paper.report.number,
        "check": paper.check_sum,
        "name": paper.content["organisation"]["name"],
        "month": paper.month.words,
        "state": paper.state,
        "due": paper.due,
        "corrected": paper.corrected,
        "other": paper.other,
        "figures": list(FIGURES.values()),
        "movement": [[name, *(f"{figure:,}" for figure in figures)] for name, figures in paper.movement],
        "identity": IDENTITY,
        "hidden": paper.hidden,
        "heads": [head for _, head in paper.heads],
        "widths": [WIDTHS.get(key, WIDTH) for key, _ in paper.heads],
        "people": paper.people,
        "matters": [[str(m.position), m.name, m.title, m.words] for m in paper.matters],
    }


def letter(paper: Paper, sender: str, phone: str = "") -> bytes:
    """The letter with the QR code of the link that was given. It names nobody; the report goes with it.

    `phone`: of the sender, for questions.
    """
    report = paper.report
    assert report.link_until is not None
    facts = {
        "number": report.number,
        "name": paper.content["organisation"]["name"],
        "month": paper.month.words,
        "due": paper.due,
        "people": len(paper.people),
        "matters": len(paper.matters),
        "until": words.day(report.link_until),
        "url": letters.url_of(report),
        "sender": sender,
        "phone": words.phone(phone) if phone else "",
        "sent": words.day(report.sent_at) if report.sent_at else "",
    }
    return typeset(HERE / "letter.typ", facts, images={"qr.svg": letters.qr_svg(report)})
