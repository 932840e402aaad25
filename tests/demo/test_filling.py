"""The outbox page, and a filling that does not get to its end."""

from datetime import date

import pytest

from communities.divisions.models import Division
from demo import filling
from demo.models import DemoCity
from demo.texts import Outbox
from huifeng.errors import RuleBroken
from huifeng.texts.actions import deliver_due, send
from huifeng.texts.backends import backend
from huifeng.texts.models import Text
from members.people.models import Retiree

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


def quiet(words: str) -> None:
    """The progress of a filling, to nobody."""


class Stub:
    """A city of one, whose writing may be cut short."""

    accounts: list[dict[str, str]] = []

    def __init__(self, *, is_cut_short: bool):
        self.is_cut_short = is_cut_short

    def write(self, say) -> None:
        Retiree.objects.create(name="半途")
        if self.is_cut_short:
            raise KeyboardInterrupt


def test_a_filling_cut_short_leaves_nothing_and_the_next_one_fills(monkeypatch):
    monkeypatch.setattr(filling, "prepare", lambda say: None)
    monkeypatch.setattr(filling, "make_city", lambda *args, **options: Stub(is_cut_short=True))

    with pytest.raises(KeyboardInterrupt):
        filling.fill(1, seed=1, today=DAY, say=quiet)
    assert not DemoCity.objects.exists()
    assert not Retiree.objects.exists()

    monkeypatch.setattr(filling, "make_city", lambda *args, **options: Stub(is_cut_short=False))
    filling.fill(1, seed=1, today=DAY, say=quiet)
    assert (DemoCity.objects.count(), Retiree.objects.count()) == (1, 1)


def test_people_who_are_not_of_a_demo_are_left_alone():
    Retiree.objects.create(name="真人")

    with pytest.raises(RuleBroken):
        filling.fill(1, seed=1, today=DAY, say=quiet)

    assert Retiree.objects.count() == 1
    assert not Division.objects.exists()


def test_texts_stay_in_the_outbox_and_the_page_shows_the_newest_first(client):
    send(key="one", phone="19900000001", words="登录用的 6 位数字是 111111")
    send(key="two", phone="19900000002", words="登录用的 6 位数字是 222222")

    assert isinstance(backend(), Outbox)
    assert deliver_due().sent == 2
    page = client.get("/demo/outbox/").content.decode()

    assert Text.objects.filter(state=Text.State.SENT).count() == 2
    assert page.index("222222") < page.index("111111")
    assert "199 0000 0001" in page


def test_the_outbox_can_be_narrowed_to_one_phone(client):
    send(key="one", phone="19900000001", words="登录用的 6 位数字是 111111")
    send(key="two", phone="19900000002", words="登录用的 6 位数字是 222222")

    page = client.get("/demo/outbox/?tail=19900000001").content.decode()

    assert "111111" in page
    assert "222222" not in page
