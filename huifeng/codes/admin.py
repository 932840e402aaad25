from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export import fields
from import_export.admin import ImportExportMixin
from import_export.widgets import SimpleArrayWidget

from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.spreadsheets.reference import ReferenceResource

from . import actions
from .models import CodeValue
from .permissions import may_edit_codes


class CodeValueResource(ReferenceResource):
    """list, code, label, roll_up, aliases (parted by |), is_active; `order` is only shown."""

    aliases = fields.Field("aliases", "aliases", SimpleArrayWidget("|"))
    order = fields.Field("order", "order", readonly=True)

    class Meta:
        model = CodeValue
        import_id_fields = ("list", "code")
        fields = ("list", "code", "label", "roll_up", "aliases", "order", "is_active")
        skip_unchanged = True
        use_transactions = True

    def take(self, row: CodeValue, *, by: User) -> None:
        known = CodeValue.objects.filter(list=row.list, code=row.code).first()
        if known is None:
            known = actions.add_value(row.list, row.code, row.label, by=by, roll_up=row.roll_up)
        if known.roll_up != row.roll_up:
            raise RuleBroken(f"“{known.label}”归并到哪里不能在这里改，以前的统计要靠它。", code="roll_up")
        row.pk = known.pk
        actions.edit_value(row.pk, by=by, label=row.label, aliases=row.aliases, is_active=row.is_active)


@admin.register(CodeValue)
class CodeValueAdmin(ImportExportMixin, admin.ModelAdmin):
    """Words can be added, renamed and switched off, never deleted; `load_codes` takes in whole files."""

    resource_classes = (CodeValueResource,)
    list_display = ("list", "code", "label", "roll_up", "order", "is_active")
    list_filter = ("list", "is_active")
    search_fields = ("code", "label", "aliases")

    def get_readonly_fields(self, request: HttpRequest, obj: CodeValue | None = None) -> tuple[str, ...]:
        return ("list", "code", "roll_up", "order") if obj else ("order",)

    def has_delete_permission(self, request: HttpRequest, obj: CodeValue | None = None) -> bool:
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and may_edit_codes(request.user)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def save_model(self, request: HttpRequest, obj: CodeValue, form: Any, change: bool) -> None:
        by = User.objects.get(username=request.user.get_username())
        if not change:
            obj.pk = actions.add_value(obj.list, obj.code, obj.label, by=by, roll_up=obj.roll_up).pk
        actions.edit_value(obj.pk, by=by, label=obj.label, aliases=obj.aliases, is_active=obj.is_active)
