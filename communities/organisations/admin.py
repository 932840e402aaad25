"""小区与道路 and aliases of divisions, kept in the admin. They hang here because this room knows who may."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export import resources

from communities.divisions.models import DivisionAlias, NamedPlace
from communities.divisions.names import sound_of, tidy

from .reference_admin import ReferenceAdmin


class NamedPlaceResource(resources.ModelResource):
    """community, kind, name, number_from, number_to, parity."""

    class Meta:
        model = NamedPlace
        import_id_fields = ("community", "kind", "name", "number_from", "number_to", "parity")
        fields = import_id_fields
        use_transactions = True

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        row["name"] = tidy(str(row.get("name") or ""))

    def before_save_instance(self, instance: NamedPlace, row: Any, **kwargs: Any) -> None:
        instance.sound = sound_of(instance.name)


class DivisionAliasResource(resources.ModelResource):
    class Meta:
        model = DivisionAlias
        import_id_fields = ("alias", "division")
        fields = ("alias", "division", "kind", "is_certain", "note")
        use_transactions = True


@admin.register(NamedPlace)
class NamedPlaceAdmin(ReferenceAdmin):
    resource_classes = (NamedPlaceResource,)
    list_display = ("name", "kind", "community", "number_from", "number_to", "parity")
    list_filter = ("kind",)
    list_select_related = ("community",)
    search_fields = ("name", "community__name")
    raw_id_fields = ("community",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.name = tidy(obj.name)
        obj.sound = sound_of(obj.name)
        super().save_model(request, obj, form, change)


@admin.register(DivisionAlias)
class DivisionAliasAdmin(ReferenceAdmin):
    resource_classes = (DivisionAliasResource,)
    list_display = ("alias", "division", "kind", "is_certain", "note")
    list_filter = ("kind",)
    list_select_related = ("division",)
    search_fields = ("alias", "division__name")
    raw_id_fields = ("division",)
