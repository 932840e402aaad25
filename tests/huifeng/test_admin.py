"""The admin holds reference tables and accounts of staff, nobody of the register; looks and changes are audited."""

import pytest
from django.contrib import admin
from django.test import Client

from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from tests.communities.factories import UserFactory

REFERENCE = {
    "auth.Group", "accounts.User", "codes.CodeValue", "communities_calendar.SpecialDay",
    "communities_divisions.DivisionAlias", "communities_divisions.NamedPlace", "communities_organisations.Organisation",
    "services_activities.ActivityPreset", "services_care.CarePreset", "services_funds.FundPreset",
    "services_ledger.PointsReason", "services_requests.RequestPreset",
}  # fmt: skip


@pytest.fixture
def keeper(db: None) -> Client:
    """An administrator, logged in."""
    client = Client()
    client.force_login(UserFactory(display_name="管理员", is_staff=True, is_superuser=True))
    return client


def actions() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="account.")
        .order_by("pk")
        .values_list("action", flat=True)
    )


def test_no_table_about_people_is_in_the_admin() -> None:
    assert {model._meta.label for model in admin.site._registry} == REFERENCE


def test_accounts_of_retirees_and_helpers_are_not_shown(keeper: Client) -> None:
    elder = UserFactory(display_name="王秀英")
    elder.set_unusable_password()
    elder.save()
    UserFactory(display_name="李敏")

    page = keeper.get("/admin/accounts/user/").content.decode()

    assert ("李敏" in page, "王秀英" in page) == (True, False)
    assert keeper.get(f"/admin/accounts/user/{elder.pk}/change/").status_code == 302


def test_looks_at_accounts_are_written_down(keeper: Client) -> None:
    clerk = UserFactory()
    keeper.get("/admin/accounts/user/")
    keeper.get(f"/admin/accounts/user/{clerk.pk}/change/")

    assert actions()[-2:] == ["account.listed", "account.viewed"]
    assert AuditEntry.objects.latest("pk").target_id == str(clerk.pk)


def test_what_changes_of_an_account_is_written_down(keeper: Client) -> None:
    clerk = UserFactory(is_active=True)
    day = clerk.date_joined.strftime("%Y-%m-%d")
    given = {
        "username": clerk.username,
        "display_name": "李敏二",
        "date_joined_0": day,
        "date_joined_1": "09:00:00",
    }

    assert keeper.post(f"/admin/accounts/user/{clerk.pk}/change/", given).status_code == 302

    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.target_id) == ("account.changed", str(clerk.pk))
    assert entry.after == {"fields": ["姓名", "Active"]}


def test_a_new_account_is_written_down_and_none_is_deleted(keeper: Client) -> None:
    given = {"username": "new", "display_name": "新来的", "usable_password": "true"}
    words = "a-long-word-2026"

    made = keeper.post("/admin/accounts/user/add/", given | {"password1": words, "password2": words})

    assert made.status_code == 302
    assert "account.created" in actions()
    user = User.objects.get(username="new")
    assert keeper.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
