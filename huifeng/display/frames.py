"""What the frame of a staff page shows besides its words: organisation, menu figures, search box.

A room adds what it knows in `AppConfig.ready`, so that pages of every floor stand in the same frame.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

frames: list[Callable[[HttpRequest], dict[str, Any]]] = []


def frame_of(request: HttpRequest) -> dict[str, Any]:
    """The context of the frame around a staff page. Raises PermissionDenied for who acts for nobody there."""
    frame: dict[str, Any] = {}
    for more in frames:
        frame |= more(request)
    return frame
