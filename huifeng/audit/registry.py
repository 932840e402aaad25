"""Who is told about the chain; rooms that know organisations add themselves in `AppConfig.ready`.

`on_anchor` is called inside the transaction that wrote the anchor, `on_broken` after the outcome was written down.
"""

from collections.abc import Callable

from .models import AuditAnchor, AuditCheck

on_anchor: list[Callable[[AuditAnchor], None]] = []
on_broken: list[Callable[[AuditCheck], None]] = []
