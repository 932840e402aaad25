"""What somebody hostile, or a broken program, may put into a box, an address or a file; and how its trace is told."""

import io
import re
import zipfile
from collections.abc import Mapping

from django.core.files.uploadedfile import SimpleUploadedFile

MARK = "zq9x7"
ELSEWHERE = "evil.example"
WRITTEN = f"<img src=x onerror={MARK}>"
TEXTS: dict[str, str | list[str]] = {
    "a zero byte": "张\x00三",
    "letters beyond four hex digits": "𠮷𝒳😀👨‍👩‍👧\U0010ffff",
    "marks of direction": "\u202e\u200f\u2066张三\u2069\ufeff",
    "100 kB": "长" * 34_000,
    "a very long word": "x" * 100_000,
    "below zero": "-1",
    "beyond 64 bits": "9" * 30,
    "just beyond 32 bits": "2147483648",
    "just beyond 64 bits": "9223372036854775808",
    "no number": "NaN",
    "endless": "1e400",
    "digits of other scripts": "٣²③",
    "a list as text": '[1, {"$ne": null}]',
    "several for one": ["1", "x", f"<script>{MARK}()</script>"],
    "nothing": "",
    "only spaces": " \u3000\u00a0\t",
    "sql": "' OR 1=1; DROP TABLE people_retiree;--",
    "html": f"'\"></textarea></title><script>{MARK}()</script><img src=x onerror={MARK}>",
    "a template": "{{7777*7777}}{% debug %}${7777*7777}",
    "a formula": "=cmd|' /C calc'!A0",
    "a path": "../../../../etc/passwd\x00.png",
    "another line of the header": f"x\r\nSet-Cookie: {MARK}=1\r\n\r\n<script>{MARK}()</script>",
    "another site": f"//{ELSEWHERE}/",
    "another site in full": f"https://{ELSEWHERE}/\\@/my/",
    "a script as address": f"javascript:{MARK}()",
    "placeholders": "%s%n%(x)s%00%ff",
    "no day": "2026-02-30",
    "a far day": "99999-12-31",
    "the last year": "9999-12-31",
    "a month of no year": "0000-13",
    "a far month": "9999-12",
}
NUMBERS = ("0", "9223372036854775808", "9" * 40)  # in the place of a key
WORDS = ("..", "%00", "%F0%A0%AE%B7", "%27", "x" * 300, "-1", "%ff")  # in the place of a word
QUERIES = (
    "page",
    "sort",
    "q",
    "month",
    "area",
    "place",
    "unit",
    "state",
    "show",
    "measure",
    "next",
    "back",
    "id",
    "token",
)


def files() -> dict[str, SimpleUploadedFile]:
    """Uploads that are not what they say, made anew each time: a file is read once."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("../../evil.xml", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    whole = book.getvalue()
    kinds = {
        "no table": ("../../../etc/cron.d/x.xlsx", b"\x00\xff" * 500),
        "a zip cut short": ("名册.xlsx", whole[: len(whole) // 2]),
        "a zip with entities": ("a\x00b\r\n.xlsx", whole),
        "empty": ("", b""),
        "a picture cut short": ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 20),
        "a picture of many": ("x.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\xff" * 17),
        "html": ("x.html", f"<script>{MARK}()</script>".encode()),
        "csv": ("x" * 300 + ".csv", "姓名,身份证号\n=1+1,'\x00\n".encode()),
    }
    return {kind: SimpleUploadedFile(name or "x", content) for kind, (name, content) in kinds.items()}


_RAN = re.compile(
    rf"<script>{MARK}|<img src=x onerror={MARK}|(?:href|src|action)=\"?javascript:{MARK}|60481729",
    re.IGNORECASE,
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def traces(content: bytes, kind: str, location: str, headers: Mapping[str, str], policy: str) -> list[str]:
    """What an answer shows of a payload that got through, and what of its protection is missing."""
    found = [f"{name} is missing" for name, value in HEADERS.items() if headers.get(name) != value]
    if headers.get("Content-Security-Policy") != policy:
        found.append("Content-Security-Policy is missing")
    if kind.startswith("text/html") and (ran := _RAN.search(content.decode("utf-8", "replace"))):
        found.append(f"shows {ran[0]} unescaped")
    if re.match(rf"(?:https?:)?[/\\]{{2}}[^/]*{ELSEWHERE}|javascript:", location, re.IGNORECASE):
        found.append(f"leads to {location}")
    if any(MARK in value for name, value in headers.items() if name not in ("Location", "HX-Redirect")):
        found.append("has a header of its sender")
    return found
