"""Who is told about the chain; rooms that know organisations add themselves in `AppConfig.ready`.

Each is called inside the transaction that wrote the row.
"""

from collections.abc import Callable

from .models import AuditAnchor, AuditCheck

on_anchor: list[Callable[[AuditAnchor], None]] = []
on_broken: list[Callable[[AuditCheck], None]] = []
