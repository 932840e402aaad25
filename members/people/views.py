"""Who somebody is, whom they help (家人帮办), and what is kept of them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.homes import RETIREE_HOME
from huifeng.accounts.logins import LOGGED_IN
from huifeng.accounts.models import User
from huifeng.audit.actions import entries_about
from huifeng.audit.models import AuditEntry
from huifeng.codes import labels
from huifeng.display import words
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program

from . import actions
from .acting import for_person, go, helped_by, page, user_of
from .actions.registering import OTHER_OFFICES
from .models import HelperRequest, IdentityClaim, Retiree
from .own_forms import NOT_LISTED, ChooseForm, CodeForm, ContactForm, HelpForm, WhoForm

MOST_UNITS = 8  # radios in a list of units with a similar name
MOST_SEEN = 50
show_and_take = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@never_cache
@sensitive_post_parameters("id_number")
@show_and_take
def who(request: HttpRequest) -> HttpResponse:
    """请告诉我们您是谁: for a phone that leads to nobody, or to several."""
    if Retiree.objects.filter(user=user_of(request)).exists():
        return redirect(RETIREE_HOME)
    claim = IdentityClaim.objects.filter(user=user_of(request)).select_related("desk").order_by("-pk").first()
    if claim is not None and claim.state == IdentityClaim.State.OPEN:
        return page(request, "retiree/who_waiting.html", {"claim": claim})
    if "kind" not in request.POST and actions.needs_choice(request.user) and "other" not in request.GET:
        return _choose(request)
    units = _units_like(request.POST.get("unit_words", ""))
    form = WhoForm(_sent(request), units=units)
    if form.is_bound and form.is_other_office:
        return page(request, "retiree/who_other.html", {"words": OTHER_OFFICES[form.data["kind"]]})
    choosing = False
    if form.is_valid():
        chosen = form.cleaned_data.get("unit") or _only_one(units, form.cleaned_data["unit_words"])
        if chosen or not units:
            return _registered(request, form, chosen)
        choosing = form.fields["unit"].required = True
    context = {"form": form, "choosing": choosing, "refused": claim is not None}
    return page(request, "retiree/who.html", context, status=422 if form.errors else 200)


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, for a form; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def _choose(request: HttpRequest) -> HttpResponse:
    """Several people share the phone: name and month of birth tell which."""
    form = ChooseForm(_sent(request))
    if form.is_valid():
        found = actions.choose_among(request.user, form.cleaned_data["name"], form.cleaned_data["born"])
        if found is not None:
            return redirect(RETIREE_HOME)
        form.add_error(None, "没有对上。请看看姓名和出生年月，再写一次")
    return page(request, "retiree/who_choose.html", {"form": form}, status=422 if form.errors else 200)


def _units_like(text: str) -> list[Organisation]:
    """Units of the city whose name holds `text`, the shortest names first."""
    text = "".join(text.split())
    if len(text) < 2:
        return []
    found = Organisation.objects.open().filter(kind=Organisation.Kind.UNIT, name__icontains=text)
    return sorted(found.order_by("name")[: MOST_UNITS * 4], key=lambda unit: len(unit.name))[:MOST_UNITS]


def _only_one(units: list[Organisation], text: str) -> str:
    """The unit whose full name was written, "" when a choice has to be made."""
    exact = [unit for unit in units if unit.name == "".join(text.split())]
    return str(exact[0].pk) if exact else ""


def _registered(request: HttpRequest, form: WhoForm, chosen: str) -> HttpResponse:
    given = form.cleaned_data
    ended = actions.register_self(
        name=given["name"],
        id_number=given["id_number"],
        kind_of_person=given["kind"],
        unit_id=int(chosen) if chosen and chosen != NOT_LISTED else None,
        unit_words=given["unit_words"],
        by=request.user,
    )
    if ended.outcome == actions.Outcome.TO_BE_VERIFIED:
        return redirect("people:who")
    if ended.outcome == actions.Outcome.CLAIMED:
        messages.success(request, "已经登记。您现在就可以报到，身份由原单位核对。")
    return redirect(RETIREE_HOME)


@login_required
@never_cache
@require_GET
def which(request: HttpRequest) -> HttpResponse:
    """For whom: oneself, or one of the people one helps."""
    context = {
        "oneself": Retiree.objects.filter(user=user_of(request)).first(),
        "helped": helped_by(request.user),
        "start": RETIREE_HOME,
    }
    return page(request, "retiree/which.html", context)


@login_required
@never_cache
@show_and_take
def help_elder(request: HttpRequest) -> HttpResponse:
    """家人帮办: say who you are and whom you help."""
    form = HelpForm(_sent(request), initial={"name": request.user.display_name})
    if form.is_valid():
        given = form.cleaned_data
        actions.ask_to_help(
            name=given["name"],
            relation=given["relation"],
            elder_name=given["elder_name"],
            birth_month=given["born"],
            phone=given["phone"],
            by_call=given["way"] == HelpForm.CALL,
            by=request.user,
        )
        return redirect("people:help_code")
    context = {"form": form, "helped": helped_by(request.user), "asked": _asked(request.user)}
    return page(request, "retiree/help.html", context, status=422 if form.errors else 200)


def _asked(user: User) -> HelperRequest | None:
    """The open request of `user` to help somebody."""
    return HelperRequest.objects.filter(
        user=user, state=HelperRequest.State.OPEN, expires_at__gt=timezone.now()
    ).first()


@login_required
@never_cache
@show_and_take
def help_code(request: HttpRequest) -> HttpResponse:
    """The elder reads the six digits out; or staff will call."""
    asked = _asked(request.user)
    if asked is None:
        return redirect("people:help")
    if asked.by_call:
        return page(request, "retiree/help_waiting.html", {"asked": asked})
    form = CodeForm(_sent(request))
    if form.is_valid():
        try:
            helper = actions.accept_by_code(asked.pk, form.cleaned_data["digits"], by=request.user)
        except RuleBroken as refusal:  # shown at the box, so that the digits can be typed again
            form.add_error("digits", refusal.message)
        else:
            messages.success(request, f"老人已经同意。您可以替{helper.retiree.name}办理了。")
            return redirect(f"{RETIREE_HOME}for/{helper.retiree_id}/")
    context = {"form": form, "asked": asked, "tail": asked.elder_phone[-4:]}
    return page(request, "retiree/help_code.html", context, status=422 if form.errors else 200)


@require_GET
@for_person
def info(request: HttpRequest, person: Retiree) -> HttpResponse:
    """我的信息: what is kept, who may act for me, and what can be done about it."""
    relation = labels.label("relation", person.emergency_relation)
    name = person.emergency_name
    context = {
        "about": [
            ("姓名", person.name),
            ("出生年月", words.day(f"{person.birth_date:%Y-%m}") if person.birth_date else ""),
            ("身份证号", words.mask_id(person.id_number)),
            ("原工作单位", person.original_unit),
            ("退休类别", person.get_kind_display()),
        ],
        "contact": [
            ("手机", words.phone(person.phone)),
            ("座机", words.phone(person.landline)),
            ("住址", person.residence_address),
            ("家里联系人", f"{name}（{relation}）" if name and relation else name),
            ("联系人手机", words.phone(person.emergency_phone)),
        ],
        "helpers": [
            (helper, labels.label("relation", helper.relation))
            for helper in person.helpers.filter(ended_at=None).order_by("pk")
        ],
    }
    return page(request, "retiree/info.html", context, community=_community_of(person))


def _community_of(person: Retiree) -> Organisation | None:
    if person.residence_id is None:
        return None
    return Organisation.objects.filter(
        division_id=person.residence_id, kind=Organisation.Kind.COMMUNITY
    ).first()


@show_and_take
@for_person
def contact(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Correct how to be reached."""
    by_helper = request.acting_id is not None
    names = [name for name in ContactForm.base_fields if not (by_helper and name == "phone")]
    form = ContactForm(
        _sent(request), by_helper=by_helper, initial={name: getattr(person, name) for name in names}
    )
    back = (request.POST.get("back") or request.GET.get("back", "")) == "check"
    if form.is_valid():
        version = request.POST.get("version", "")
        actions.correct_contact(
            person.pk,
            form.cleaned_data,
            by=request.user,
            version=int(version) if version.isdecimal() else None,
        )
        messages.success(request, "已经改好。")
        return go(request, "my:check" if back else "people:info")
    context = {"form": form, "back": "check" if back else ""}
    return page(request, "retiree/contact.html", context, status=422 if form.errors else 200)


@show_and_take
@for_person
def stop_helper(request: HttpRequest, person: Retiree, helper_id: int) -> HttpResponse:
    """不再让她帮我办, asked once more on the page itself."""
    helper = get_object_or_404(person.helpers.filter(ended_at=None), pk=helper_id)
    if request.method == "POST":
        actions.stop_helper(helper.pk, by=request.user)
        messages.success(request, f"{helper.name}不再替{'老人' if request.acting_id else '您'}办理。")
        return redirect(RETIREE_HOME) if helper.user_id == request.user.pk else go(request, "people:info")
    context = {"helper": helper, "relation": labels.label("relation", helper.relation)}
    return page(request, "retiree/stop_helper.html", context)


LOOKED = ("viewed", "seen", "looked", "revealed", "shown", "opened", "searched")
WORDS = {
    "api.viewed": "用对接系统看了您的信息",
    LOGGED_IN: "登录了惠风家园",
    "retiree.contact": "改了联系方式",
    "retiree.settled": "登记了住址",
    "retiree.identified": "对着身份证核对了身份",
    "retiree.enrolled": "登记到名册",
    "retiree.linked": "核对了身份",
    "retiree.printed": "打印了材料",
}


@require_GET
@for_person
def seen(request: HttpRequest, person: Retiree) -> HttpResponse:
    """谁看过我的信息: which office, when, for what. No names below the office."""
    helpers = set(person.helpers.values_list("user_id", flat=True))
    entries = list(entries_about(person).exclude(actor_id=user_of(request).pk)[:MOST_SEEN])
    entries += _logins_of_helpers(person, but=user_of(request))
    entries = sorted(entries, key=lambda entry: entry.at, reverse=True)[:MOST_SEEN]
    offices = _offices_of(entries)
    own = {person.user_id} | helpers
    lines = [
        {
            "at": entry.at,
            "who": "本人或家人" if entry.actor_id in own else offices.get(entry.pk, "系统"),
            "what": _what(entry),
        }
        for entry in entries
    ]
    return page(request, "retiree/seen.html", {"lines": lines, "most": MOST_SEEN})


def _logins_of_helpers(person: Retiree, *, but: User) -> list[AuditEntry]:
    """Who may act for the person logged in, since they may."""
    logins = AuditEntry.objects.none()
    for helper in person.helpers.filter(ended_at=None).exclude(user=but):
        since = AuditEntry.objects.filter(
            actor_id=helper.user_id, at__gte=helper.consented_at, action=LOGGED_IN
        )
        logins = logins | since
    with as_program("who is helped sees when the helpers logged in"):
        return list(logins.order_by("-at")[:MOST_SEEN])


def _what(entry: AuditEntry) -> str:
    if entry.action in WORDS:
        return WORDS[entry.action]
    return "看了您的信息" if entry.action.rpartition(".")[2] in LOOKED else "办理了您的事"


def _offices_of(entries: list[AuditEntry]) -> dict[int, str]:
    """The office behind each entry: the one it names, else one its actor worked for. Two queries."""
    named = Organisation.objects.in_bulk(
        {entry.organisation_id for entry in entries if entry.organisation_id}
    )
    worked = {
        a.user_id: a.organisation.name
        for a in Assignment.objects.filter(user_id__in={entry.actor_id for entry in entries}).select_related(
            "organisation"
        )
    }
    found: dict[int, Any] = {}
    for entry in entries:
        office = named.get(entry.organisation_id or 0)
        if office is not None or entry.actor_id in worked:
            found[entry.pk] = office.name if office else worked[entry.actor_id]
    return found
