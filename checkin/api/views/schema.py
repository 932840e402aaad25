from functools import cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The description of the API, open to anybody: it holds no data."""
    return HttpResponse(_document(), content_type=OpenApiJsonRenderer.media_type)


@cache
def _document() -> bytes:
    """Made once a process: it changes only with the program."""
    found: bytes = OpenApiJsonRenderer().render(SchemaGenerator().get_schema(public=True))
    return found
