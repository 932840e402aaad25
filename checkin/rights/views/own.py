"""我的信息与权利: what was agreed to and when; download, correct, take consent back, ask for erasure."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huifeng.display import words
from members.people.acting import for_person, go, page, user_of
from members.people.models import Retiree

from .. import actions, consents
from ..forms import AskForm
from ..models import ErasureRequest

State = ErasureRequest.State
show_and_take = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
@for_person
def rights(request: HttpRequest, person: Retiree) -> HttpResponse:
    given, _ = consents.given_at(person)
    context = {"agreed": consents.story(person), "given": given, "asked": _asked(person)}
    return page(request, "retiree/rights.html", context)


@show_and_take
@for_person
def consent(request: HttpRequest, person: Retiree) -> HttpResponse:
    """撤回同意: what happens then, asked once more on the page itself."""
    if request.method == "POST":
        actions.withdraw_consent(person.pk, by=user_of(request))
        messages.success(request, "已经撤回同意。您随时可以重新报到。")
        return go(request, "own_rights:rights")
    given, version = consents.given_at(person)
    return page(request, "retiree/rights_consent.html", {"given": given, "version": version})


@show_and_take
@for_person
def erasure(request: HttpRequest, person: Retiree) -> HttpResponse:
    """申请删除我的信息: what happens then, who decides until when."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked = actions.ask(person.pk, words=form.cleaned_data["words"], by=user_of(request))
        messages.success(request, f"已经收到。{asked.desk.name}最晚{words.short_day(asked.due_on)}答复您。")
        return go(request, "own_rights:erasure")
    context = {"form": form, "asked": _asked(person), "keeps": actions.what_keeps(person)}
    return page(request, "retiree/rights_erasure.html", context, status=422 if form.errors else 200)


@require_POST
@for_person
def take_back(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    asked = get_object_or_404(ErasureRequest, pk=pk, retiree=person)
    actions.take_back(asked.pk, by=user_of(request))
    messages.success(request, "已经撤回申请，信息还在。")
    return go(request, "own_rights:erasure")


def _asked(person: Retiree) -> ErasureRequest | None:
    """The newest request."""
    return person.erasure_requests.select_related("desk").order_by("-pk").first()
