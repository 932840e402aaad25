"""Reference tables as files in the admin: import with a preview, export, by django-import-export.

A row goes through the room's own act, in the preview too (which is rolled back), so that the file can do nothing that
a page could not. What a rule refuses is left out, with its sentence beside the row; the rest is imported.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.html import escape
from import_export import fields, resources
from import_export.results import RowResult

from huifeng.accounts.models import User
from huifeng.errors import RuleBroken

from .neutral import neutral, plain

UNKNOWN = "表里写的编码找不到，请核对。"


class ReferenceResource(resources.ModelResource):
    """`words`: by column, what people write → what is kept (小区 → estate)."""

    words: Mapping[str, Mapping[str, str]] = {}

    def take(self, row: Any, *, by: User) -> None:
        """Write one row, an unsaved or changed instance, by the room's act, and give it the pk it has then."""
        raise NotImplementedError

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        for name, value in row.items():
            if isinstance(value, str):
                value = plain(value.strip())
                row[name] = self.words.get(name, {}).get(value, value)

    def save_instance(self, instance: models.Model, is_create: bool, row: Any, **kwargs: Any) -> None:
        self.take(instance, by=kwargs["user"])

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        result = super().import_row(row, instance_loader, **kwargs)
        said = next((sentence for sentence in map(_sentence, result.errors) if sentence), "")
        if said:
            result.errors, result.import_type = [], RowResult.IMPORT_TYPE_SKIP
            result.diff = [
                escape(f"没有导入：{said}"),
                *(escape(str(value)) for value in list(row.values())[1:]),
            ]
        return result

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Not the library's: it sets the counters of keys anew, which the running role may not and need not."""

    def export_field(self, field: fields.Field, instance: models.Model, **kwargs: Any) -> Any:
        value = super().export_field(field, instance, **kwargs)
        return neutral(value) if isinstance(value, str) else value


def _sentence(error: Any) -> str:
    """What a rule said; "" for an error that is not ours."""
    if isinstance(error.error, RuleBroken):
        return error.error.message
    return UNKNOWN if isinstance(error.error, ObjectDoesNotExist) else ""
