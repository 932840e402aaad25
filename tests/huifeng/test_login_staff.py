"""Login of staff by user name and password, idle sessions, logout."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from huifeng.accounts import homes, hooks
from huifeng.accounts.homes import Home
from huifeng.accounts.hooks import ReadyAccount
from huifeng.accounts.models import User

PASSWORD = "zhanshan-2026"


@pytest.fixture
def clerk(db, monkeypatch) -> User:
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("湛山社区", "/community/", staff=True)]])
    return User.objects.create_user("limin", password=PASSWORD, display_name="李敏")


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def log_in(client: Client, login: str = "limin", password: str = PASSWORD, **more: str):
    return client.post("/login/staff/", {"login": login, "password": password, **more})


def test_staff_go_to_their_work(client, clerk):
    assert log_in(client)["Location"] == "/community/"


def test_staff_may_write_their_phone_as_name(client, clerk):
    clerk.set_phone("13812345678")
    clerk.save()

    assert log_in(client, "138 1234 5678")["Location"] == "/community/"


@pytest.mark.parametrize(("login", "password"), [("limin", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_one_answer(client, clerk, login: str, password: str):
    response = log_in(client, login, password)

    assert response.status_code == 422
    assert "登录名或密码不对" in response.content.decode()


def test_five_wrong_passwords_shut_the_name_for_a_quarter_of_an_hour(client, clerk, clock):
    for _ in range(5):
        log_in(client, password="wrong")
    assert "15 分钟后再来" in log_in(Client()).content.decode()

    clock.shift(timedelta(minutes=15, seconds=1))
    assert log_in(Client()).status_code == 302


def test_one_clerks_misses_do_not_shut_out_another(client, clerk):
    User.objects.create_user("zhao", password=PASSWORD, display_name="赵")
    for _ in range(6):
        log_in(client, password="wrong")

    assert log_in(Client(), "zhao").status_code == 302


def test_a_deactivated_account_is_told(client, clerk):
    User.objects.update(is_active=False)

    response = log_in(client)
    assert "_auth_user_id" not in client.session
    assert response["Location"] == "/login/inactive/"
    assert "现在不能登录" in client.get("/login/inactive/").content.decode()


def test_login_comes_back_to_the_page(client, clerk):
    assert log_in(client, next="/community/pending/?page=2")["Location"] == "/community/pending/?page=2"


def test_an_idle_session_ends_after_half_an_hour(client, clerk, clock):
    log_in(client)
    clock.shift(timedelta(minutes=30, seconds=1))
    response = client.get("/login/password/?a=1")

    assert response["Location"] == "/login/staff/?idle=1&next=%2Flogin%2Fpassword%2F%3Fa%3D1"
    assert "30 分钟没有操作" in client.get(response["Location"]).content.decode()
    assert "_auth_user_id" not in client.session


def test_work_keeps_a_session_alive(client, clerk, clock):
    log_in(client)
    for _ in range(3):
        clock.shift(timedelta(minutes=29))
        assert client.get("/login/password/").status_code == 200


def test_an_idle_form_leads_back_to_its_page(client, clerk, clock):
    log_in(client)
    clock.shift(timedelta(minutes=31))
    response = client.post("/login/password/", headers={"Referer": "http://testserver/community/7/"})

    assert response["Location"].endswith("next=%2Fcommunity%2F7%2F")


def test_an_idle_fragment_moves_the_whole_page(client, clerk, clock):
    log_in(client)
    clock.shift(timedelta(minutes=31))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/community/?page=3"}
    response = client.get("/login/password/", headers=headers)

    assert response.status_code == 204
    assert response["HX-Redirect"].endswith("next=%2Fcommunity%2F%3Fpage%3D3")


@pytest.mark.django_db
def test_a_stranger_in_a_fragment_moves_the_whole_page(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/community/"}
    response = client.get("/login/password/", headers=headers)

    assert (response.status_code, response["HX-Redirect"]) == (204, "/login/?next=%2Fcommunity%2F")


@pytest.mark.django_db
def test_a_strangers_form_comes_back_to_its_page(client):
    response = client.post("/login/password/", headers={"Referer": "http://testserver/my/edit/"})

    assert response["Location"] == "/login/?next=%2Fmy%2Fedit%2F"


def test_logout_is_a_post(client, clerk):
    log_in(client)
    assert client.get("/logout/").status_code == 405

    assert client.post("/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_who_is_logged_in_needs_no_login_page(client, clerk):
    log_in(client)

    assert client.get("/login/")["Location"] == "/community/"


def test_a_changed_password_ends_other_sessions(clerk):
    here, there = Client(), Client()
    for client in (here, there):
        log_in(client)
    new = "a-new-one-2026"
    given = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    assert here.post("/login/password/", given)["Location"] == "/community/"
    assert here.get("/login/password/").status_code == 200
    assert there.get("/login/password/").status_code == 302


def test_a_short_password_is_refused_in_chinese(client, clerk):
    log_in(client)
    given = {"old_password": PASSWORD, "new_password1": "kurz", "new_password2": "kurz"}

    response = client.post("/login/password/", given)
    assert response.status_code == 422
    assert "密码" in response.content.decode()


def test_an_empty_form_sent_too_often_is_answered(client, clerk):
    log_in(client)

    assert {client.post("/login/password/").status_code for _ in range(7)} == {422}


@pytest.mark.django_db
def test_the_admin_has_no_login_of_its_own(client):
    assert client.get("/admin/login/", follow=True).request["PATH_INFO"] == "/login/"


@pytest.mark.django_db
def test_an_administrator_without_assignment_goes_to_the_admin(client, monkeypatch):
    monkeypatch.setattr(homes, "homes", [])
    User.objects.create_superuser("root", password=PASSWORD, display_name="管理员")

    assert log_in(client, "root")["Location"] == "/admin/"


@pytest.mark.django_db
def test_ready_accounts_are_shown_where_the_demo_fills_them(client, monkeypatch):
    monkeypatch.setattr(hooks, "ready_accounts", [])
    assert "演示账号" not in client.get("/login/").content.decode()

    ready = [ReadyAccount("社区工作人员", "limin", PASSWORD, "湛山社区")]
    monkeypatch.setattr(hooks, "ready_accounts", [lambda: ready])
    for address in ("/login/", "/login/staff/"):
        shown = client.get(address).content.decode()
        assert "演示账号" in shown
        assert "湛山社区" in shown
