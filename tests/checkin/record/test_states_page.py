from django.conf import settings

from checkin.record.diagram import ARROWS, as_markdown
from checkin.record.models import Act, CheckIn, State


def test_docs_states_is_current() -> None:
    written = (settings.BASE_DIR / "docs" / "states.md").read_text(encoding="utf-8")

    assert written == as_markdown(), "run: uv run manage.py draw_states"


def test_every_act_has_moves_and_an_arrow() -> None:
    assert set(CheckIn.MOVES) == set(Act) == set(ARROWS)


def test_every_state_can_be_reached() -> None:
    reached = {new for table in CheckIn.MOVES.values() for new in table.values()}

    assert reached == set(State) - {State.DRAFT}
