"""Special days, to look at and export. They are changed on the page 工作日历, where deadlines follow."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export import resources

from communities.organisations.reference_admin import ReferenceAdmin

from .models import SpecialDay


class SpecialDayResource(resources.ModelResource):
    class Meta:
        model = SpecialDay
        import_id_fields = ("date",)
        fields = ("date", "kind", "name")


@admin.register(SpecialDay)
class SpecialDayAdmin(ReferenceAdmin):
    resource_classes = (SpecialDayResource,)
    list_display = ("date", "kind", "name")
    list_filter = ("kind",)
    date_hierarchy = "date"

    def _never(self, request: HttpRequest, *args: Any) -> bool:
        return False

    has_add_permission = has_change_permission = has_delete_permission = has_import_permission = _never
