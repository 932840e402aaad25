"""Telling somebody outside where the chain stands, so that whoever rewrites all of it is found by comparing."""

import logging
import re

from django.db import transaction
from django.utils import timezone

from . import registry
from .models import AuditAnchor, AuditSeal

logger = logging.getLogger(__name__)
_WRITTEN = re.compile(r"([0-9]{1,18}):([0-9a-fA-F]{64})")


@transaction.atomic
def anchor() -> AuditAnchor | None:
    """Send the newest seal's number and hash into the log and to the registered rooms, once a day (Shanghai).

    Repeating it on the day sends nothing more and gives the first. None while there is no seal.
    """
    newest = AuditSeal.objects.order_by("-number").first()
    if newest is None:
        return None
    fresh = {"number": newest.number, "hash": newest.hash, "at": timezone.now()}
    made, is_new = AuditAnchor.objects.get_or_create(day=timezone.localdate(), defaults=fresh)
    if is_new:
        for tell in registry.on_anchor:
            tell(made)
        transaction.on_commit(lambda: logger.info("audit anchor %s", made.words))
    return made


def read_anchor(written: str) -> tuple[int, str]:
    """Number and hash (hexadecimal) of an anchor as it was sent, hyphens and blanks or not. Raises ValueError."""
    found = _WRITTEN.fullmatch(re.sub(r"[\s-]", "", written))
    if found is None:
        raise ValueError("an anchor is NUMBER:HASH, the hash 64 hexadecimal digits")
    return int(found[1]), found[2].lower()
