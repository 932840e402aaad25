"""登录设备: where an account is logged in, and how a session ends."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from redis.exceptions import RedisError

from huifeng.accounts import actions, devices, homes
from huifeng.accounts.homes import Home
from huifeng.accounts.models import Session, User
from huifeng.accounts.sessions import SessionStore, kept_key
from huifeng.audit.models import AuditEntry
from tests.huifeng.factors import PASSWORD, log_in

PHONE = "Mozilla/5.0 (Linux; Android 14; HUAWEI) AppleWebKit/537 Chrome/114.0 Mobile Safari/537.36 MicroMessenger/8.0"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML) Chrome/130.0 Safari/537.36 Edg/130.0"


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def clerk(db, monkeypatch) -> User:
    monkeypatch.setattr(
        homes, "homes", [lambda user: [Home("湛山社区", "/community/", staff=user.username == "limin")]]
    )
    return User.objects.create_user("limin", password=PASSWORD, display_name="李敏")


@pytest.fixture
def retiree(clerk) -> User:
    """Logs in with a password here, for brevity; what counts is that no home is staff's."""
    return User.objects.create_user("wang", password=PASSWORD, display_name="王建国")


def browser(login: str = "limin", agent: str = DESK) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert log_in(client, login).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/login/devices/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "安卓手机，微信"),
        (DESK, "Windows 电脑，Edge 浏览器"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "苹果手机，Safari 浏览器",
        ),
        (
            "Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1 Chrome/114 HuaweiBrowser/5.1",
            "华为手机，华为浏览器",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Linux 电脑，火狐浏览器"),
        ("curl/8", "不知道的设备"),
        ("", "不知道的设备"),
    ],
)
def test_devices_are_told_in_words(agent: str, words: str):
    assert devices.words(agent) == words


def test_the_page_lists_where_one_is_logged_in(clerk, clock):
    browser(agent=PHONE)
    clock.shift(timedelta(minutes=2))
    here = browser()
    shown = here.get("/login/devices/").content.decode()

    assert "安卓手机，微信" in shown
    assert "Windows 电脑，Edge 浏览器" in shown
    assert shown.count("退出这一台") == 1


def test_one_other_device_is_ended(clerk, clock):
    phone, desk, here = browser(agent=PHONE), browser(), browser()
    row = Session.objects.get(device__contains="微信")
    here.post("/login/devices/", {"end": row.pk})

    assert (is_in(phone), is_in(desk), is_in(here)) == (False, True, True)
    entry = AuditEntry.objects.get(action="session.ended")
    assert (entry.actor_id, entry.target_id, entry.after) == (clerk.pk, str(clerk.pk), {"sessions": 1})


def test_all_other_devices_are_ended(clerk, clock):
    phone, desk, here = browser(agent=PHONE), browser(), browser()
    here.post("/login/devices/", {"end": "others"})

    assert (is_in(phone), is_in(desk), is_in(here)) == (False, False, True)


@pytest.mark.parametrize("end", ["", "nonsense", "0" * 64])
def test_what_is_not_there_ends_nothing(clerk, clock, end: str):
    phone, here = browser(agent=PHONE), browser()
    here.post("/login/devices/", {"end": end})

    assert (is_in(phone), is_in(here)) == (True, True)
    assert not AuditEntry.objects.filter(action="session.ended").exists()


def test_nobody_ends_the_sessions_of_somebody_else(clerk, retiree, clock):
    theirs, here = browser("wang"), browser()
    here.post("/login/devices/", {"end": Session.objects.get(user=retiree).pk})
    here.post("/login/devices/", {"end": "others"})

    assert is_in(theirs)


def test_what_is_ended_does_not_come_back_with_a_request_under_way(clerk, clock):
    client = browser()
    store = SessionStore(client.session.session_key)
    store["seen"] = store["seen"] + 100  # it has been read, and the answer will write it
    actions.end_sessions(clerk.pk, by=clerk)

    with pytest.raises(UpdateError):
        store.save()
    assert not is_in(client)


def test_sessions_do_not_depend_on_the_cache(clerk, clock):
    client = browser()
    cache.clear()

    assert is_in(client)


def test_what_the_cache_kept_by_mistake_ends_within_a_minute(clerk, clock):
    client = browser()
    assert is_in(client)
    name = f"session:{kept_key(client.session.session_key)}"

    assert cache.get(name)
    assert 0 < cache._cache.get_client(name).ttl(cache.make_key(name)) <= 60


def test_sessions_work_without_redis(clerk, clock, monkeypatch):
    client = browser()

    def away(*args: object, **kwargs: object) -> None:
        raise RedisError("away")

    for name in ("get", "set", "delete_many"):
        monkeypatch.setattr(RedisCache, name, away)
    assert is_in(client)
    actions.end_sessions(clerk.pk, by=clerk)
    assert not is_in(client)


def test_the_table_does_not_hold_the_key_of_the_cookie(clerk):
    client = browser()
    key = client.cookies["sessionid"].value

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(s::text, ' ') FROM accounts_session s")
        assert key not in cursor.fetchone()[0]
    assert Session.objects.count() == 1
    other = Client()
    other.cookies["sessionid"] = Session.objects.get().pk  # what a thief of the table has
    assert not is_in(other)


def test_a_new_login_has_a_new_key(clerk):
    client = Client()
    client.post("/login/", {"phone": "13812345678"})
    before = client.cookies["sessionid"].value
    log_in(client)

    assert client.cookies["sessionid"].value != before
    assert not SessionStore(before).load()


def test_last_use_is_written_every_few_minutes_at_most(clerk, retiree, clock):
    for login, minutes in (("limin", 1), ("wang", 5)):
        client = browser(login)
        began = timezone.now()
        clock.shift(timedelta(minutes=minutes, seconds=-1))
        is_in(client)
        assert Session.objects.get(user__username=login).seen_at == began.replace(microsecond=0)
        clock.shift(timedelta(seconds=2))
        is_in(client)
        assert Session.objects.get(user__username=login).seen_at == timezone.now().replace(microsecond=0)


def test_a_staff_session_ends_after_twelve_hours_of_work(clerk, clock):
    client = browser()
    for _ in range(36):
        clock.shift(timedelta(minutes=20))
        assert is_in(client)
    clock.shift(timedelta(minutes=1))
    response = client.get("/login/password/")

    assert response["Location"] == "/login/staff/?long=1&next=%2Flogin%2Fpassword%2F"
    assert "每天要重新登录一次" in client.get(response["Location"]).content.decode()
    assert not is_in(client)


def test_how_long_staff_may_rest_is_a_setting(clerk, clock, settings):
    settings.STAFF_IDLE_SECONDS = 10 * 60
    client = browser()
    clock.shift(timedelta(minutes=10, seconds=1))

    assert "您有 10 分钟没有操作" in client.get(client.get("/login/password/")["Location"]).content.decode()


def test_a_retiree_may_rest_but_not_longer_than_thirty_days(retiree, clock):
    client = browser("wang")
    session = client.session
    session.set_expiry(30 * 24 * 3600)
    session.save()
    for _ in range(30):
        clock.shift(timedelta(hours=23, minutes=59))
        assert is_in(client)
    clock.shift(timedelta(hours=2))

    assert client.get("/login/devices/")["Location"] == "/login/?long=1&next=%2Flogin%2Fdevices%2F"


def test_sessions_that_rest_too_long_are_not_listed(clerk, clock):
    browser(agent=PHONE)
    clock.shift(timedelta(minutes=31))

    assert "别的设备上都没有登录" in browser().get("/login/devices/").content.decode()


def test_what_has_ended_is_swept(clerk, clock):
    browser()
    clock.shift(timedelta(days=1, seconds=1))
    call_command("clearsessions")

    assert not Session.objects.exists()


def test_a_changed_password_ends_the_rows_too(clerk, clock):
    browser(agent=PHONE)
    here, new = browser(), "a-new-one-2026"
    here.post("/login/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})

    assert [row.device for row in Session.objects.of(clerk.pk)] == ["Windows 电脑，Edge 浏览器"]


def test_a_deactivated_account_is_out_at_the_next_request(clerk, clock):
    client = browser()
    User.objects.filter(pk=clerk.pk).update(is_active=False)

    assert not is_in(client)


def test_the_page_of_a_retiree_speaks_plainly(retiree, clock):
    browser("wang", PHONE)
    shown = browser("wang").get("/login/devices/").content.decode()

    assert "有不认识的，或者手机丢了，就点“退出”" in shown
    assert "第二步验证" not in shown.split("<main")[1]
