"""What an erasure does in this room (docs/security.md, Erasure)."""

from django.db import connection

from members.people.erasing import ERASED
from members.people.registry import Erased

from . import actions
from .models import Request, RequestEvent

COVERS = {
    "services_requests.RequestPreset": "names and settings of mechanisms",
    "services_requests.Request": "caller and provider emptied; states, days, places stay",
    "services_requests.RequestEvent": "names emptied by a function of the owner's; moves and days stay",
    "services_requests.RequestWords": "deleted",
}


def erase(erased: Erased) -> None:
    for key in erased.keys:
        actions.forget(key)
    _callers(erased)
    events = RequestEvent.objects.filter(request__retiree__in=erased.keys).values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT erase_{RequestEvent._meta.db_table}(%s)", [list(events)])


def _callers(erased: Erased) -> None:
    """Calls of somebody nobody knew who gave a name or phone of the person."""
    unknown = Request.objects.filter(retiree=None).exclude(caller_name="", caller_phone=None)
    for request in unknown.only("caller_name", "caller_phone").iterator():
        if erased.is_in(request.caller_name) or (request.caller_phone or "") in erased.phones:
            request.words.all().delete()
            Request.objects.filter(pk=request.pk).update(caller_name=ERASED, caller_phone=None)
