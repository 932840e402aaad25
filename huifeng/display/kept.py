"""What somebody had typed when their session ended, for the form that shows it once more.

Set by huifeng.accounts.middleware for one request; every form of `huifeng.display.forms` takes from it what is its own.
"""

from contextvars import ContextVar
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

typed: ContextVar[QueryDict | None] = ContextVar("typed", default=None)

_NOT_ALWAYS_SENT = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.FileInput)
_NEVER = (forms.FileInput, forms.PasswordInput)


def fill(form: Any) -> None:
    """Let an unbound `form` start from what was typed, if it is the form that was sent.

    It is, when every box a browser always sends is there; a page may hold several forms with a box of one name.
    Hidden boxes are filled too: a record changed meanwhile is then refused as it would have been.
    """
    data = typed.get()
    if data is None or form.is_bound:
        return
    names = {name: form.add_prefix(name) for name in form.fields}
    sent = {name for name, field in form.fields.items() if not _omitted(field.widget, data, names[name])}
    always = {n for n, field in form.fields.items() if not isinstance(field.widget, _NOT_ALWAYS_SENT)}
    if not sent or not always <= sent:
        return
    for name, field in form.fields.items():
        if not isinstance(field.widget, _NEVER):
            form.initial[name] = field.widget.value_from_datadict(data, {}, names[name])


def _omitted(widget: forms.Widget, data: QueryDict, name: str) -> bool:
    if isinstance(widget, (forms.CheckboxInput, forms.CheckboxSelectMultiple)):
        return name not in data  # Django cannot know; for us an empty one says nothing
    return widget.value_omitted_from_data(data, MultiValueDict(), name)
