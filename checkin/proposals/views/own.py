"""这里不对？告诉单位: the retiree, or a helper, says what is wrong, and reads what became of it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from communities.organisations.models import Organisation
from huifeng.display import words
from huifeng.errors import RuleBroken
from members.people import fields
from members.people.acting import address_of, for_person, go, page, user_of
from members.people.models import Retiree

from .. import actions, values, wording
from ..forms import ProposalForm
from ..models import IN_WORDS, ChangeProposal
from ..owners import owner_of
from ..permissions import may_propose, may_withdraw

WORDS = "words"  # stands in an address for a proposal in words
MOST = 50
# What the person may say is wrong and cannot correct alone (rules P1); the rest stands in 改联系方式.
ITEMS = (*wording.OF_UNIT, "living_situation")
State = ChangeProposal.State


@dataclass(frozen=True)
class Told:
    """One of the person's matters in plain words."""

    row: ChangeProposal
    value: str
    kind: str
    answer: str
    withdraw_url: str


def _told(request: HttpRequest, row: ChangeProposal) -> Told:
    """What was said and how it stands; who decides until when."""
    desk, due = row.desk.name, words.short_day(row.due_on)
    at = words.short_day(row.decided_at)
    reason = f"：{row.reason}" if row.reason else "。"
    answers = {
        State.OPEN: f"{desk}在核对，最晚{due}答复您。",
        State.ACCEPTED: f"{at}，{desk}已经改好{reason}",
        State.REFUSED: f"{at}，{desk}没有改{reason}",
        State.WITHDRAWN: f"{at}撤回了。",
        State.SUPERSEDED: "您后来又说了一次，以后说的为准。",
    }
    may = row.state == State.OPEN and may_withdraw(user_of(request), row)
    return Told(
        row,
        wording.new(row),
        wording.KINDS[State(row.state)],
        answers[State(row.state)],
        address_of(request, "own_proposals:withdraw", pk=row.pk) if may else "",
    )


@require_GET
@for_person
def told(request: HttpRequest, person: Retiree) -> HttpResponse:
    """What the person said is wrong, the newest first, with the answers."""
    rows = ChangeProposal.objects.filter(retiree=person, side=ChangeProposal.Side.PERSON)
    found = list(rows.select_related("desk", "organisation").order_by("-pk")[:MOST])
    for row in found:
        row.retiree = person
    return page(request, "retiree/proposals.html", {"told": [_told(request, row) for row in found]})


@require_GET
@for_person
def choose(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Which item is wrong: each with what is written now."""
    lines = [
        (
            fields.title(name),
            values.say(name, values.of(person, name)),
            address_of(request, "own_proposals:new", field=name),
        )
        for name in ITEMS
    ]
    context = {"lines": lines, "words_url": address_of(request, "own_proposals:new", field=WORDS)}
    return page(request, "retiree/proposal_choose.html", context)


@sensitive_post_parameters("value")
@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def new(request: HttpRequest, person: Retiree, field: str) -> HttpResponse:
    """What it should be, and why."""
    name = IN_WORDS if field == WORDS else field
    if name != IN_WORDS and name not in ITEMS:
        raise Http404
    if not may_propose(user_of(request), person, name):
        raise Http404
    form = ProposalForm(request.POST or None, retiree=person, name=name, of_person=True)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.propose(person.pk, form.changes, why=form.cleaned_data["why"], by=user_of(request))
        except RuleBroken as refused:  # said over the form, so that nothing typed is lost
            form.add_error(None, refused.message)
        else:
            due = words.short_day(made[0].due_on)
            messages.success(request, f"已经告诉{made[0].desk.name}，最晚{due}答复您。")
            return go(request, "own_proposals:list")
    owner: Organisation = owner_of(person, name)
    context = {
        "form": form,
        "title": fields.title(name) if name else "",
        "now": values.say(name, values.of(person, name)) if name else "",
        "owner": owner,
    }
    return page(request, "retiree/proposal_new.html", context, status=422 if form.errors else 200)


@require_POST
@for_person
def withdraw(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """不用改了."""
    row = get_object_or_404(ChangeProposal, pk=pk, retiree=person, side=ChangeProposal.Side.PERSON)
    actions.withdraw(row.pk, by=user_of(request))
    messages.success(request, "已经撤回，不用再等答复。")
    return go(request, "own_proposals:list")
