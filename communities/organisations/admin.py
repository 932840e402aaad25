"""小区与道路, aliases of divisions and units, kept in the admin. They hang here because this room knows who may."""

from typing import Any

from django.contrib import admin
from django.db.models import TextChoices
from django.http import HttpRequest

from communities.divisions import actions as places
from communities.divisions.models import DivisionAlias, NamedPlace
from communities.divisions.names import sound_of, tidy
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.spreadsheets.reference import ReferenceResource

from . import actions, credit_codes
from .actions.places import CONTACT_FIELDS
from .models import Organisation
from .reference_admin import ReferenceAdmin


def _codes(choices: type[TextChoices]) -> dict[str, str]:
    """What people write for each choice → the choice."""
    return {str(label): str(value) for value, label in choices.choices}


class NamedPlaceResource(ReferenceResource):
    """community, kind, name, number_from, number_to, parity. A file adds; taking away is done by hand."""

    words = {
        "kind": _codes(NamedPlace.Kind),
        "parity": _codes(NamedPlace.Parity) | {"": NamedPlace.Parity.ALL.value},
    }

    class Meta:
        model = NamedPlace
        import_id_fields = ("community", "kind", "name", "number_from", "number_to", "parity")
        fields = import_id_fields
        skip_unchanged = True
        use_transactions = True

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        row["name"] = tidy(str(row.get("name") or ""))

    def take(self, row: NamedPlace, *, by: User) -> None:
        if (
            not row.name
            or row.kind not in NamedPlace.Kind.values
            or row.parity not in NamedPlace.Parity.values
        ):
            raise RuleBroken("请写明名称和类别（小区、道路或其他地名）。", code="incomplete")
        places.add_places(row.community_id, [row], by=by)
        same = {name: getattr(row, name) for name in self._meta.import_id_fields}
        row.pk = NamedPlace.objects.values_list("pk", flat=True).get(**same)


class DivisionAliasResource(ReferenceResource):
    """alias, division (code), kind, is_certain, note."""

    words = {"kind": _codes(DivisionAlias.Kind)}

    class Meta:
        model = DivisionAlias
        import_id_fields = ("alias", "division")
        fields = ("alias", "division", "kind", "is_certain", "note")
        skip_unchanged = True
        use_transactions = True

    def take(self, row: DivisionAlias, *, by: User) -> None:
        if not row.alias or row.kind not in DivisionAlias.Kind.values:
            raise RuleBroken("请写明别名和类别（日常用名或旧名）。", code="incomplete")
        row.save()


class UnitResource(ReferenceResource):
    """Work units: credit_code, name, division (code of the seat), nature, tier, and how they are reached.

    A file adds units and changes contacts; names, seats and ends go through the pages of reorganisation.
    """

    class Meta:
        model = Organisation
        import_id_fields = ("credit_code",)
        fields = (
            "credit_code", "name", "division", "nature", "tier", "address", "phone", "contact", "hours",
        )  # fmt: skip
        skip_unchanged = True
        use_transactions = True

    def get_queryset(self) -> Any:
        return Organisation.objects.filter(kind=Organisation.Kind.UNIT)

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        row["credit_code"] = credit_codes.tidy(str(row.get("credit_code") or ""))

    def take(self, row: Organisation, *, by: User) -> None:
        fixed = {"nature": row.nature, "tier": row.tier}
        known = actions.add_unit(
            name=row.name, credit_code=row.credit_code, division_code=row.division_id or "", by=by, **fixed
        )
        if (known.division_id, known.nature, known.tier) != (row.division_id, row.nature, row.tier):
            raise RuleBroken(
                f"{known.name}的所在地、性质和层级不能在这里改，请在单位页面办理。", code="fixed"
            )
        contact = {name: getattr(row, name) for name in CONTACT_FIELDS}
        actions.update_contact(known.pk, by=by, **contact)
        row.pk = known.pk


@admin.register(Organisation)
class UnitAdmin(ReferenceAdmin):
    """Work units, to look at, and to bring and take as a file."""

    resource_classes = (UnitResource,)
    list_display = ("credit_code", "name", "division", "nature", "closed_on")
    list_filter = ("nature", "tier")
    list_select_related = ("division",)
    search_fields = ("credit_code", "name")

    def _never(self, request: HttpRequest, *args: Any) -> bool:
        return False

    has_add_permission = has_change_permission = has_delete_permission = _never

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(kind=Organisation.Kind.UNIT)


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
