"""What goes out of the database: anchors and that the chain is broken, to the city's bureau and its leads."""

import pytest

from checkin.access import notices
from communities.notices.models import Notice
from huifeng.accounts.models import User
from huifeng.audit import anchoring, sealing, verifying
from huifeng.audit.models import AuditSeal
from huifeng.texts import mail
from huifeng.texts.models import Text
from tests.checkin.world import World
from tests.huifeng.audit.entries import write


@pytest.fixture
def mails(monkeypatch, boss: User) -> User:
    """Mail is possible, and the city's lead has an address."""
    monkeypatch.setattr(mail, "is_possible", lambda: True)
    boss.email = "lead@qingdao.example"
    boss.save()
    return boss


def test_an_anchor_goes_to_the_city_bureau_and_by_mail_to_its_lead_once_a_day(world: World, mails: User):
    write(3)
    sealing.seal()
    told = anchoring.anchor()
    anchoring.anchor()

    assert told is not None
    (notice,) = Notice.objects.filter(kind=notices.ANCHOR)
    (text,) = Text.objects.exclude(email=None)
    assert notice.receiver == world.city.city
    assert text.email == "lead@qingdao.example"
    assert told.words in notice.words
    assert told.words in text.words
    assert anchoring.read_anchor(told.words) == (1, bytes(AuditSeal.objects.get().hash).hex())


def test_without_mail_the_anchor_is_in_the_inbox_and_the_log(world: World, boss: User, caplog):
    write(1)
    sealing.seal()
    told = anchoring.anchor()

    assert told is not None
    assert Notice.objects.filter(kind=notices.ANCHOR).count() == 1
    assert Text.objects.exclude(email=None).count() == 0


def test_the_anchor_is_logged_after_the_commit(world: World, caplog, django_capture_on_commit_callbacks):
    write(1)
    sealing.seal()
    with caplog.at_level("INFO", "huifeng.audit.anchoring"), django_capture_on_commit_callbacks(execute=True):
        told = anchoring.anchor()

    assert told is not None
    assert f"audit anchor {told.words}" in caplog.text


def test_a_broken_chain_is_told_to_the_city_bureau(world: World):
    write(1)
    sealing.seal()

    verifying.verify([(1, "0" * 64)])
    verifying.verify([(1, "0" * 64)])

    (notice,) = Notice.objects.filter(kind=notices.BROKEN)
    assert notice.receiver == world.city.city
    assert notice.words.startswith("留痕核对发现 1 处不符")
