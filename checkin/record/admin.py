from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import CheckIn, CheckInEvent


class ReadOnly(admin.ModelAdmin):
    """To look at; every change goes through the actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CheckIn)
class CheckInAdmin(ReadOnly):
    list_display = ("number", "state", "channel", "community", "due_on")
    list_filter = ("state", "channel")
    list_select_related = ("community",)
    search_fields = ("number",)
    show_full_result_count = False


@admin.register(CheckInEvent)
class CheckInEventAdmin(ReadOnly):
    list_display = ("at", "checkin", "move", "actor_name", "organisation")
    list_select_related = ("checkin", "organisation")
    show_full_result_count = False
