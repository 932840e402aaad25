"""Accounts of staff. Nobody of the register is in the admin: who needs a person opens their page, which is audited."""

from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from huifeng.audit import actions as audit

from .models import User

# the admin's own login page would not count misses
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister([EmailAddress, Authenticator])  # allauth's: addresses of people, and second factors

# allauth's tables of other providers stay empty: ours stands in the settings (huifeng/accounts/sign_on.py)
admin.site.unregister([SocialAccount, SocialApp, SocialToken])


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts with a password; those of retirees and helpers, who log in by phone, are not shown.

    Looks and changes are written down as on every other page. Nothing is deleted.
    """

    list_display = ("username", "display_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name")}),
        ("权限", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("时间", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = (
        (None, {"fields": ("username", "display_name", "usable_password", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        by_phone = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX, is_staff=False, is_superuser=False)
        return super().get_queryset(request).exclude(by_phone)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        shown = super().changelist_view(request, extra_context)
        if request.method == "GET" and shown.status_code == 200:
            with audit.of_looks():
                audit.record("account.listed", _reader(request), by=_reader(request))
        return shown

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        shown = super().changeform_view(request, object_id, form_url, extra_context)
        if object_id and request.method == "GET" and shown.status_code == 200:
            with audit.of_looks():
                audit.record("account.viewed", User(pk=unquote(object_id)), by=_reader(request))
        return shown

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        audit.record("account.created", obj, by=_reader(request))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        changed = [part["changed"] for part in message if "changed" in part]
        fields = [name for part in changed for name in part.get("fields", ())]
        audit.record("account.changed", obj, by=_reader(request), after={"fields": fields})
        return super().log_change(request, obj, message)


def _reader(request: HttpRequest) -> User:
    return cast(User, request.user)
