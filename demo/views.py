from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huifeng.rowscope.scope import as_program
from huifeng.texts.models import Text

MOST_SHOWN = 30


@as_program("the demo shows what would have been sent as a text")
@require_safe
@never_cache
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest texts, all or to phones with these last digits: here a visitor finds the login code."""
    tail = "".join(filter(str.isdecimal, request.GET.get("tail", "")))[-4:]
    texts = Text.objects.order_by("-created_at")
    if tail:
        texts = texts.filter(phone_tail__endswith=tail)
    return render(request, "demo/outbox.html", {"texts": texts[:MOST_SHOWN], "tail": tail})
