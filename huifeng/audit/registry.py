"""What rooms above add to the audit, in `AppConfig.ready`: who is told about the chain, how notes are kept.

`on_anchor` is called inside the transaction that wrote the anchor, `on_broken` after the outcome was written down.
"""

from collections.abc import Callable

from django.db.models import Model

from .models import AuditAnchor, AuditCheck

on_anchor: list[Callable[[AuditAnchor], None]] = []
on_broken: list[Callable[[AuditCheck], None]] = []

# (target, note) -> the note as it is kept: about a person it is sealed, so that an erasure reaches it.
note_keepers: list[Callable[[Model, str], str]] = []
