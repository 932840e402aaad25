"""What a page offers: its links, its forms with the values a browser would send, and what its policy forbids."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = ("text", "search", "tel", "number", "email", "url", "password", "date", "month", "time", "hidden")


@dataclass
class Form:
    """`values`: what is sent when nothing is touched; `kinds`: the type of every control; `choices`: of selects."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, kind: str, value: str | None, *, chosen: bool = True) -> None:
        if not name:
            return
        self.kinds.setdefault(name, kind)
        if kind in ("radio", "checkbox", "select", "submit") and value is not None:
            self.choices.setdefault(name, []).append(value)
        if chosen and value is not None and kind not in ("file", "submit"):
            self.values.setdefault(name, []).append(value)


class Page(HTMLParser):
    """`against_policy`: inline scripts, styles and handlers; `words`: the text of the page; `labels`: of its boxes."""

    def __init__(self, content: str):
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.against_policy: list[str] = []
        self.tags: set[str] = set()
        self.labels: list[str] = []
        self.by_id: dict[str, Form] = {}
        self._form: Form | None = None
        self._select: tuple[str, Form | None] = ("", None)
        self._text: tuple[str, Form | None] = ("", None)
        self._written = ""
        self._label = False
        self.words = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        if tag in ("label", "legend"):
            self.labels.append("")
            self._label = True
        self._judge(tag, found)
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag == "form":
            self._form = Form(found.get("action", ""), found.get("method", "get").lower())
            self.forms.append(self._form)
            self.by_id[found.get("id", "")] = self._form
        elif tag in ("input", "button"):
            self._control(tag, found)
        elif tag == "select":
            self._select = (found.get("name", ""), self._owner(found))
        elif tag == "option" and self._select[1] is not None:
            self._option(found)
        elif tag == "textarea":
            self._text, self._written = (found.get("name", ""), self._owner(found)), ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("label", "legend"):
            self._label = False
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._close_select()
        elif tag == "textarea":
            name, form = self._text
            if form is not None:
                form.add(name, "text", self._written)
            self._text = ("", None)

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._label:
            self.labels[-1] += data
        if self._text[1] is not None:
            self._written += data

    def _judge(self, tag: str, found: dict[str, str]) -> None:
        if "style" in found:
            self.against_policy.append(f"<{tag} style>")
        self.against_policy += [
            f"<{tag} {name}>" for name in found if re.fullmatch(r"on[a-z]+|hx-on.*", name)
        ]
        if tag == "style" or (
            tag == "script" and not found.get("src") and "json" not in found.get("type", "")
        ):
            self.against_policy.append(f"<{tag}> with text")

    def _owner(self, found: dict[str, str]) -> Form | None:
        return self.by_id.get(found["form"]) if found.get("form") else self._form

    def _control(self, tag: str, found: dict[str, str]) -> None:
        form, name = self._owner(found), found.get("name", "")
        if form is None or "disabled" in found:
            return
        kind = found.get("type", "text" if tag == "input" else "submit").lower()
        if kind in ("radio", "checkbox"):
            form.add(name, kind, found.get("value", "on"), chosen="checked" in found)
        elif kind in ("submit", "image", "button", "reset"):
            form.add(name, "submit", found.get("value", ""))
        elif kind == "file":
            form.add(name, "file", "")
        else:
            form.add(name, kind if kind in TYPED else "text", found.get("value", ""))

    def _option(self, found: dict[str, str]) -> None:
        name, form = self._select
        assert form is not None
        form.add(name, "select", found.get("value", ""), chosen="selected" in found)

    def _close_select(self) -> None:
        name, form = self._select
        if form is not None and name not in form.values and form.choices.get(name):
            form.values[name] = form.choices[name][:1]
        self._select = ("", None)


def filled(form: Form) -> dict[str, list[str]]:
    """The form as somebody would fill it: what is empty gets a value of its kind, of choices the last is taken."""
    sent = {name: list(values) for name, values in form.values.items()}
    for name, kind in form.kinds.items():
        if kind in ("submit", "file") or any(sent.get(name, [""])):
            continue
        options = [option for option in form.choices.get(name, ()) if option]
        sent[name] = options[-1:] if kind in ("radio", "checkbox", "select") else [_likely(name, kind)]
    return {name: values for name, values in sent.items() if values}


def _likely(name: str, kind: str) -> str:
    """Something that may be meant by a box of this name."""
    if kind == "tel" or "phone" in name:
        return "13900000009"
    if kind == "date" or name.endswith(("_on", "_day")):
        return "2026-11-01"
    if part := re.search(r"_([012])$", name):
        return ("2026", "11", "1")[int(part[1])]
    return "1" if kind == "number" else "老同志本人来电"
