"""What the reference tables of this floor share in the admin: import and export, for bureau staff only."""

from typing import Any

from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin

from .permissions import works_for_city_bureau


class ReferenceAdmin(ImportExportModelAdmin):
    """A table that holds for the whole city: kept by staff of the city bureau who may enter the admin."""

    list_per_page = 100

    def _may(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.is_active and request.user.is_staff and works_for_city_bureau(request.user)

    has_module_permission = has_view_permission = has_add_permission = _may
    has_change_permission = has_delete_permission = has_import_permission = has_export_permission = _may
