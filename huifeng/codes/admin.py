from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export import resources
from import_export.admin import ExportMixin

from huifeng.accounts.models import User

from . import actions
from .models import CodeValue


class CodeValueResource(resources.ModelResource):
    class Meta:
        model = CodeValue
        fields = ("list", "code", "label", "roll_up", "aliases", "order", "is_active")


@admin.register(CodeValue)
class CodeValueAdmin(ExportMixin, admin.ModelAdmin):
    """Words can be added, renamed and switched off, never deleted; `load_codes` takes in whole files."""

    resource_classes = (CodeValueResource,)
    list_display = ("list", "code", "label", "roll_up", "order", "is_active")
    list_filter = ("list", "is_active")
    search_fields = ("code", "label", "aliases")

    def get_readonly_fields(self, request: HttpRequest, obj: CodeValue | None = None) -> tuple[str, ...]:
        return ("list", "code", "roll_up", "order") if obj else ("order",)

    def has_delete_permission(self, request: HttpRequest, obj: CodeValue | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: CodeValue, form: Any, change: bool) -> None:
        by = User.objects.get(username=request.user.get_username())
        if not change:
            obj.pk = actions.add_value(obj.list, obj.code, obj.label, by=by, roll_up=obj.roll_up).pk
        actions.edit_value(obj.pk, by=by, label=obj.label, aliases=obj.aliases, is_active=obj.is_active)
