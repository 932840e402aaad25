"""Special days, to look at, and to bring and take as a file. One by one they are changed on the page 工作日历."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export import fields

from communities.organisations.reference_admin import ReferenceAdmin
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.spreadsheets.reference import ReferenceResource

from . import actions
from .models import AnnouncedYear, SpecialDay
from .special_days import KINDS, Day


class SpecialDayResource(ReferenceResource):
    """date, kind (放假 or 上班), name, source (the notice, needed for a year that is not there yet).

    A file adds and corrects days; each of its years is then entered as a whole, so that deadlines follow.
    """

    words = {"kind": {word: str(kind.value) for word, kind in KINDS.items()}}
    source = fields.Field(column_name="source", readonly=True)

    class Meta:
        model = SpecialDay
        import_id_fields = ("date",)
        fields = ("date", "kind", "name", "source")
        use_transactions = True

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.taken: dict[int, dict[date, Day]] = {}
        self.sources: dict[int, str] = {}

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        if row.get("source"):
            self.sources[int(str(row["date"])[:4])] = str(row["source"])

    def take(self, row: SpecialDay, *, by: User) -> None:
        if row.kind not in SpecialDay.Kind.values or not row.name:
            raise RuleBroken("请写明“放假”或“上班”，和节日名称。", code="incomplete")
        self.taken.setdefault(row.date.year, {})[row.date] = Day(row.date, row.kind, row.name)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Enter each year with what it held before and what the file says."""
        announced = dict(AnnouncedYear.objects.values_list("year", "source"))
        for year, days in sorted(self.taken.items()):
            before = SpecialDay.objects.filter(date__year=year)
            merged = {day.date: Day(day.date, day.kind, day.name) for day in before} | days
            source = self.sources.get(year) or announced.get(year, "")
            actions.enter_year(year, sorted(merged.values()), source=source, by=kwargs["user"])

    def dehydrate_source(self, row: SpecialDay) -> str:
        if not hasattr(self, "announced"):
            self.announced = dict(AnnouncedYear.objects.values_list("year", "source"))
        return self.announced.get(row.date.year, "")


@admin.register(SpecialDay)
class SpecialDayAdmin(ReferenceAdmin):
    resource_classes = (SpecialDayResource,)
    list_display = ("date", "kind", "name")
    list_filter = ("kind",)
    date_hierarchy = "date"

    def _never(self, request: HttpRequest, *args: Any) -> bool:
        return False

    has_add_permission = has_change_permission = has_delete_permission = _never
