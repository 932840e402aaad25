"""Context processor: what every page needs to show itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from .choice import CONTRASTS, SIZES, Choice

STAFF_PATHS = ("/community/", "/unit/", "/bureau/", "/street/")


def display(request: HttpRequest) -> dict[str, Any]:
    """Add `display` (the reader's choice), its lists, `frame`, and the help line.

    A view that knows a better number, of the reader's own community, passes `help_phone` and `help_hours`.
    """
    return {
        "display": Choice.of(request),
        "display_sizes": SIZES.items(),
        "display_contrasts": CONTRASTS.items(),
        "frame": "staff" if request.path.startswith(STAFF_PATHS) else "retiree",
        "help_phone": getattr(settings, "HELP_PHONE", "12345"),
        "help_hours": getattr(settings, "HELP_HOURS", "工作日 8:30—17:30"),
    }
