"""Filters and tags of every page: {% load display %}."""

from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context, RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from huifeng.display import words

register = template.Library()

for _filter in (
    words.day,
    words.short_day,
    words.weekday,
    words.day_and_weekday,
    words.spoken_time,
    words.spoken_moment,
    words.clock,
    words.stamp,
    words.thousands,
    words.phone,
    words.mask_phone,
    words.mask_id,
    words.mask_name,
    words.number_groups,
):
    register.filter(_filter.__name__, _filter)
register.filter("age", words.years_old)
register.filter("percent_of", words.percent)

TAG_ICONS = {
    "neutral": "circle-dot",
    "info": "clock",
    "done": "circle-check",
    "warn": "pencil",
    "late": "triangle-alert",
    "moved": "log-out",
}


@register.simple_block_tag
def keep(content: str) -> str:
    """{% keep as name %}…{% endkeep %}: what is inside, to be shown twice (the menu: aside and folded)."""
    return content


@register.filter
def tel(value: object) -> str:
    """tel: address of a phone number as people write it."""
    return "tel:" + "".join(c for c in str(value or "") if c.isdigit() or c == "+")


@lru_cache(maxsize=256)
def _icon(name: str, css: str) -> SafeString:
    svg: str = lucide(name, size=24, aria_hidden="true", focusable="false", **{"class": css})
    return mark_safe(svg)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One drawing, always beside words, so hidden from screen readers."""
    return _icon(str(name), f"i {css}".strip())


@register.inclusion_tag("parts/tag.html")
def tag(kind: str, text: object, icon: str = "") -> dict[str, Any]:
    """A state in words with its icon. `kind`: neutral, info, done, warn, late, moved."""
    return {"kind": kind, "text": text, "icon": icon or TAG_ICONS.get(kind, "circle-dot")}


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """One form field: label, hint, error, control. Options: label, hint, big (the label is the page's h1)."""
    return render_to_string("parts/field.html", {"field": bound, **options})


@register.inclusion_tag("parts/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """What is wrong in these forms, each line a link to its field; nothing when all is well."""
    lines = []
    for form in forms:
        if not form or not form.is_bound:
            continue
        lines += [("", text) for text in form.non_field_errors()]
        for bound in form:
            lines += [("" if bound.is_hidden else first_control(bound), text) for text in bound.errors]
    return {"lines": lines}


def first_control(bound: BoundField) -> str:
    """The id of the control a link to this field should focus."""
    return f"{bound.auto_id}_0" if bound.use_fieldset else bound.id_for_label


@register.inclusion_tag("parts/nav_item.html", takes_context=True)
def nav_item(
    context: RequestContext, url: str, label: str, icon: str, count: int | None = None, exact: bool = False
) -> dict[str, Any]:
    """One line of the staff menu; marked as current below `url`, or only at it when `exact`."""
    request = context.get("request")
    path = request.path if request else ""
    here = path == url or (not exact and path.startswith(url))
    return {"url": url, "label": label, "icon": icon, "count": count, "here": here, "at": path == url}


@register.inclusion_tag("parts/pagination.html", takes_context=True)
def pagination(context: Context, page: Any, key: str = "page") -> dict[str, Any]:
    """Previous and next of a Django Page, or of a cursor: previous_url, next_url and perhaps words."""
    if not hasattr(page, "paginator"):
        return {"previous": page.previous_url, "next": page.next_url, "words": getattr(page, "words", "")}
    asked = context["request"].GET.copy()
    here, pages = page.number, page.paginator

    def address(number: Any) -> str:
        asked[key] = number
        return f"?{asked.urlencode()}"

    return {
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
        "words": f"第 {here:,} 页，共 {pages.num_pages:,} 页" if page.has_other_pages() else "",
        "numbers": [
            (number, "" if number in (here, pages.ELLIPSIS) else address(number), number == here)
            for number in pages.get_elided_page_range(here, on_each_side=2, on_ends=1)
        ],
    }


@register.simple_tag
def sort_state(current: str, name: str) -> SafeString:
    """aria-sort for a column head, where `current` is the sort in use: "name" or "-name"."""
    order = {name: "ascending", f"-{name}": "descending"}.get(current)
    return mark_safe(f'aria-sort="{order}"') if order else mark_safe("")


@register.filter
def next_sort(current: str, name: str) -> str:
    """The sort a press on this column's head asks for."""
    return f"-{name}" if current == name else name
