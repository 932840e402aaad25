"""Forms as every page shows them: label, hint, error, control; big rows for choices; dates in three boxes.

Use `Form`, `ModelForm`, or put `Portal` before another form class (for example one of allauth's).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.template import loader

from . import kept


class Renderer(DjangoTemplates):
    """Our own templates for forms and fields, Django's for plain controls."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("parts/"):
            return loader.get_template(template_name)
        return super().get_template(template_name)


_CHOOSING = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.FileInput)


def _asking(label: str, widget: forms.Widget) -> str:
    """How a missing answer is asked for."""
    if isinstance(widget, forms.CheckboxInput):
        return "请在方框里打勾"
    verb = "选择" if isinstance(widget, _CHOOSING) else "填写"
    question = label.endswith(("?", "？")) or label.startswith("请")
    return f"请{verb}这一项" if question else f"请{verb}{label}"


class Portal:
    """Mixin for form classes.

    `widths`: field name → characters expected (2, 4, 6, 8, 13, 20), so that a box shows how much to write.
    A missing answer is asked for in the field's own words; the browser's own bubbles are off.
    """

    default_renderer: Any = Renderer
    use_required_attribute = False
    widths: Mapping[str, int] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            self._dress(name, field)
        kept.fill(self)

    def _dress(self, name: str, field: forms.Field) -> None:
        widget = field.widget
        if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
            widget.template_name = "parts/widgets/rows.html"
        elif isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":
            widget.attrs["rows"] = "4"
        if name in self.widths:
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} w-{self.widths[name]}".strip()
        label = str(field.label or "")
        if field.required and label and not isinstance(field, DateParts):
            field.error_messages["required"] = _asking(label, widget)


class Form(Portal, forms.Form):
    """A form."""


class ModelForm(Portal, forms.ModelForm):
    """A form of a model."""


class DatePartsWidget(forms.MultiWidget):
    """Boxes for year, month and day, each with its own word; no calendar, no jumping between boxes."""

    template_name = "parts/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self, units: str = "年月日", attrs: dict[str, Any] | None = None, autocomplete: str = ""):
        self.units = units
        names = {"年": "year", "月": "month", "日": "day"}
        widgets = []
        for unit in units:
            own: dict[str, Any] = {"inputmode": "numeric", "class": "w-4" if unit == "年" else "w-2"}
            if autocomplete:
                own["autocomplete"] = f"{autocomplete}-{names[unit]}"
            widgets.append(forms.TextInput(attrs=own))
        super().__init__(widgets, attrs)

    def decompress(self, value: date | str | None) -> list[str]:
        if not value:
            return [""] * len(self.units)
        text = value.isoformat() if isinstance(value, date) else str(value)
        parts = [part.lstrip("0") for part in text.split("-")]
        return [*parts, "", "", ""][: len(self.units)]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for box, unit in zip(context["widget"]["subwidgets"], self.units, strict=True):
            box["unit"] = unit
        return context


def _plain(part: object) -> str:
    """What was meant by ５月 or " 05 "."""
    return re.sub(r"[\s年月日号]", "", unicodedata.normalize("NFKC", str(part or "")))


class DateParts(forms.MultiValueField):
    """A date people remember, in three boxes.

    The clean value is a `date`. With `partial="year"` or `partial="month"` what is not known may stay empty,
    and with `units="年月"` there is no box for the day; the clean value is then text: "1942", "1942-05",
    "1942-05-03". Full-width digits and a written 年 are understood. Empty gives None, or "" for text.
    """

    def __init__(
        self,
        *,
        units: str = "年月日",
        partial: str = "",
        autocomplete: str = "",
        oldest: int = 1900,
        newest: int | None = None,
        **kwargs: Any,
    ):
        self.units, self.partial = units, partial
        self.oldest, self.newest = oldest, newest
        self.as_text = bool(partial) or units != "年月日"
        self.needed = {"year": "年", "month": "年月"}.get(partial, units)
        kwargs.setdefault("widget", DatePartsWidget(units, autocomplete=autocomplete))
        kwargs["require_all_fields"] = False
        super().__init__([forms.CharField(required=False) for _ in units], **kwargs)

    def clean(self, value: Sequence[Any] | None) -> date | str | None:
        if isinstance(value, (date, str)):
            value = self.widget.decompress(value)
        given = [_plain(part) for part in value or []]
        given += [""] * (len(self.units) - len(given))
        if not any(given):
            if self.required:
                raise ValidationError(f"请填写{self.label or '日期'}", code="required")
            return "" if self.as_text else None
        return self._checked(dict(zip(self.units, given, strict=True)))

    def compress(self, data_list: Sequence[Any]) -> Any:
        return data_list

    def _checked(self, given: dict[str, str]) -> date | str:
        missing = [unit for unit in self.needed if not given[unit]]
        if missing:
            raise ValidationError(f"请把{'、'.join(missing)}也填上", code="incomplete")
        if given.get("日") and not given.get("月"):
            raise ValidationError("请把月也填上", code="incomplete")
        for unit, text in given.items():
            if text and not (text.isascii() and text.isdigit() and len(text) <= 4):
                raise ValidationError(f"{unit}请填数字", code="invalid")
        year, month, day = (int(given.get(unit) or 0) for unit in "年月日")
        if not self.oldest <= year <= (self.newest or 2100):
            raise ValidationError("年份不对，请填 4 位数字，例如 1942", code="year")
        if given.get("月") and not 1 <= month <= 12:
            raise ValidationError("月份不对，请填 1 到 12", code="month")
        try:
            whole = date(year, month or 1, day if given.get("日") else 1)
        except ValueError:
            raise ValidationError("没有这一天，请看看年月日", code="day") from None
        if not self.as_text:
            return whole
        parts = {"年": f"{year:04}", "月": f"{month:02}", "日": f"{day:02}"}
        return "-".join(part for unit, part in parts.items() if given.get(unit))

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = self.widget.decompress(initial)
        return [_plain(part).lstrip("0") for part in data or [""] * len(before)] != before


ThreeFieldDate = DateParts
