"""The daily message: figures only, once a day, to who asked and still works there."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from checkin.sync import actions
from checkin.sync.models import DigestWish
from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.texts import actions as texts
from huifeng.texts import mail
from huifeng.texts.models import Text
from tests.checkin.world import World

MORNING = datetime(2026, 11, 25, 8, 20, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def waiting(world: World) -> World:
    world.clerk.set_phone("13800000001")
    world.clerk.save()
    world.submitted()
    return world


def digests() -> list[Text]:
    return list(Text.objects.filter(key__startswith="digest:").order_by("key"))


def test_a_text_and_a_mail_say_how_much_waits_and_no_name(waiting: World) -> None:
    actions.wish_digest(waiting.here.pk, by_text=True, email="li@example.cn", by=waiting.clerk)

    assert actions.send_digests(at=MORNING) == 1

    mail, text = digests()
    assert (mail.email, mail.phone) == ("li@example.cn", "")
    assert (text.email, text.phone) == ("", "13800000001")
    for message in (mail, text):
        assert message.words.endswith("有1 件报到待办。请登录惠风家园办理。")  # and no link to a login
        assert "王" not in message.words


def test_a_second_run_of_the_day_owes_nothing_more(waiting: World) -> None:
    actions.wish_digest(waiting.here.pk, email="li@example.cn", by=waiting.clerk)
    actions.send_digests(at=MORNING)

    assert actions.send_digests(at=MORNING + timedelta(hours=3)) == 0
    assert actions.send_digests(at=MORNING + timedelta(days=1)) == 1


def test_nothing_is_sent_before_the_time_nor_when_nothing_waits(waiting: World) -> None:
    actions.wish_digest(waiting.here.pk, email="li@example.cn", by=waiting.clerk)
    actions.wish_digest(waiting.there.pk, email="zhao@example.cn", by=waiting.clerk_there)

    assert actions.send_digests(at=MORNING - timedelta(minutes=1)) == 0
    assert actions.send_digests(at=MORNING) == 1


def test_who_no_longer_works_there_gets_none(waiting: World) -> None:
    actions.wish_digest(waiting.here.pk, email="li@example.cn", by=waiting.clerk)
    Assignment.objects.filter(user=waiting.clerk).update(valid_until=timezone.localdate() - timedelta(days=1))

    assert actions.send_digests(at=MORNING) == 0


def test_the_choice_is_audited_once_and_holds_no_address(waiting: World) -> None:
    for _ in range(2):
        actions.wish_digest(waiting.here.pk, email="li@example.cn", by=waiting.clerk)

    (entry,) = AuditEntry.objects.filter(action="digest.chosen")
    assert entry.after == {"by_text": False, "by_mail": True}


def test_a_stranger_and_an_account_without_a_phone_are_refused(waiting: World) -> None:
    with pytest.raises(PermissionDenied):
        actions.wish_digest(waiting.here.pk, email="x@example.cn", by=waiting.unit_clerk)
    with pytest.raises(RuleBroken, match="没有登记手机"):
        actions.wish_digest(waiting.there.pk, by_text=True, by=waiting.clerk_there)

    assert not DigestWish.objects.exists()


def test_a_mail_leaves_by_the_server_with_an_id_of_its_key(
    waiting: World, settings: object, mailoutbox: list[object]
) -> None:
    texts.send_mail(key="k", email="li@example.cn", subject="待办", words="有 1 件")
    texts.send_mail(key="k", email="li@example.cn", subject="待办", words="有 1 件")

    assert texts.deliver_due().sent >= 1

    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["li@example.cn"], "待办")  # type: ignore[attr-defined]
    assert mail.extra_headers["Message-ID"].startswith("<")  # type: ignore[attr-defined]


def test_without_a_mail_server_no_mail_is_offered_taken_or_owed(
    waiting: World, settings: Any, client: Client
) -> None:
    actions.wish_digest(waiting.here.pk, by_text=True, email="li@example.cn", by=waiting.clerk)
    settings.MAILERS = {"default": {"BACKEND": mail.NO_SERVER}}

    actions.send_digests(at=MORNING)

    assert [message.phone for message in digests()] == ["13800000001"]
    with pytest.raises(RuleBroken, match="没有开通邮件"):
        actions.wish_digest(waiting.here.pk, email="other@example.cn", by=waiting.clerk)
    client.force_login(waiting.clerk)
    page = client.get("/community/notices/").content.decode()
    assert "发邮件到" not in page
    assert "发短信到我登录用的手机" in page


def test_where_no_way_is_open_the_page_says_what_to_do(world: World, settings: Any, client: Client) -> None:
    settings.MAILERS = {"default": {"BACKEND": mail.NO_SERVER}}
    client.force_login(world.clerk)

    page = client.get("/community/notices/").content.decode()

    assert "请管理员给账号登记手机" in page
    assert "保存提醒方式" not in page
