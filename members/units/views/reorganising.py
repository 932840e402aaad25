"""办理撤并: which kind, which units, day and paper, which people, look at it, carry it out, take it back.

Until the third step the choice stands in the address (keys of units only); from then on it is a draft.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from communities.organisations.acting import StaffRequest
from communities.organisations.models import Organisation
from huifeng.display import words as say
from members.people import looks

from .. import actions, lists
from ..actions.planning import goals
from ..forms import ConfirmForm, DetailsForm, KindForm
from ..models import UnitReorganisation
from ..permissions import may_reorganise
from .frame import bureau_page, page

Kind, State = UnitReorganisation.Kind, UnitReorganisation.State
PAGE, MOST_FOUND = 50, 20
HOME = ("单位管理", "/bureau/units/")
CHOOSES = (Kind.SPLIT, Kind.MOVE)  # people are chosen one by one


@dataclass(frozen=True)
class Choice:
    """Units chosen so far, as they stand in the address. `of`: the draft that is being changed."""

    kind: str
    sources: list[Organisation]
    targets: list[Organisation]
    of: int | None

    def query(self, **more: int) -> str:
        pairs = [("source", unit.pk) for unit in self.sources] + [
            ("target", unit.pk) for unit in self.targets
        ]
        pairs += [("of", self.of)] if self.of else []
        return urlencode([*pairs, *more.items()])

    def without(self, unit: Organisation) -> str:
        rest = Choice(
            self.kind,
            [one for one in self.sources if one != unit],
            [one for one in self.targets if one != unit],
            self.of,
        )
        return rest.query()

    @property
    def is_enough(self) -> bool:
        return bool(self.sources) and (bool(self.targets) or self.kind == Kind.CLOSE)

    @property
    def takes_source(self) -> bool:
        return self.kind == Kind.MERGE or not self.sources

    @property
    def takes_target(self) -> bool:
        return self.kind == Kind.SPLIT or not self.targets


@bureau_page
def new(request: StaffRequest) -> HttpResponse:
    """Step 1: merge, split, move or close."""
    form = KindForm(request.POST or None)
    if form.is_valid():
        address = reverse("units:choose", args=[form.cleaned_data["kind"]])
        return redirect(f"{address}?{request.GET.urlencode()}")
    return page(request, "units_new.html", {"crumbs": [HOME, ("办理撤并", "")]}, form=form)


@bureau_page
def choose(request: StaffRequest, kind: str) -> HttpResponse:
    """Step 2: which units, looked for by name and added one by one."""
    choice = _choice(request, kind)
    q = request.GET.get("q", "").strip()[:60]
    found = list(lists.candidates(q).exclude(pk__in=_keys(choice))[: MOST_FOUND + 1]) if q else []
    context = {
        "choice": choice,
        "kind_words": Kind(kind).label,
        "q": q,
        "chosen": [
            (unit, role, choice.without(unit))
            for role, units in (("原单位", choice.sources), ("接收单位", choice.targets))
            for unit in units
        ],
        "found": [_offer(request, choice, unit) for unit in found[:MOST_FOUND]],
        "more": len(found) > MOST_FOUND,
        "here": f"{request.path}?{choice.query()}",
        "next": _details_address(choice),
    }
    return page(request, "units_choose.html", context)


@bureau_page
def details(request: StaffRequest, kind: str) -> HttpResponse:
    """Step 3: day, paper, the rest of the people. Written down as a draft, or into the draft `of`."""
    choice = _choice(request, kind)
    if not choice.is_enough:
        return redirect(f"{reverse('units:choose', args=[kind])}?{choice.query()}")
    draft = _reorganisation(request, choice.of) if choice.of else None
    form = DetailsForm(
        request.POST or None,
        initial=DetailsForm.initial_of(draft) if draft else {"rest": "stay"},
        kind=kind,
        sources=choice.sources,
        targets=choice.targets,
    )
    if form.is_valid():
        if draft:
            made = actions.change_plan(draft.pk, form.plan, by=request.user)
        else:
            made = actions.plan_reorganisation(form.plan, by=request.user)
        return redirect("units:people" if kind in CHOOSES else "units:reorganisation", made.pk)
    context = {
        "choice": choice,
        "kind_words": Kind(kind).label,
        "back": f"{reverse('units:choose', args=[kind])}?{choice.query()}",
    }
    return page(request, "units_details.html", context, form=form)


@bureau_page
def people(request: StaffRequest, pk: int) -> HttpResponse:
    """Step 4 of a split or move: who goes where. Who is not chosen goes with the rest."""
    reorganisation = _reorganisation(request, pk)
    if reorganisation.kind not in CHOOSES or not reorganisation.may_be_changed:
        return redirect("units:reorganisation", pk)
    if request.method == "POST":
        return _assigned(request, reorganisation)
    q = request.GET.get("q", "").strip()[:30]
    found = Paginator(lists.people_of(reorganisation, q), PAGE).get_page(request.GET.get("page"))
    names = {unit.pk: unit.name for unit in goals(reorganisation)}
    looks.listed(request, len(found.object_list), {"reorganisation": pk, "q": q})
    context = {
        "reorganisation": reorganisation,
        "q": q,
        "goals": names.items(),
        "rest_stays": reorganisation.sources.filter(pk=reorganisation.rest_to_id).exists(),
        "rows": [(row, names.get(row.goes_to, "")) for row in found],
        "people": found,
        "crumbs": [HOME, _crumb(reorganisation), ("选人员", "")],
    }
    return page(request, "units_people.html", context)


def _assigned(request: StaffRequest, reorganisation: UnitReorganisation) -> HttpResponse:
    """The chosen people, or everybody on the page, go where the form says; then the same page again."""
    field = "shown" if request.POST.get("act") == "page" else "id"
    chosen = [int(key) for key in request.POST.getlist(field) if key.isdecimal()]
    goal = request.POST.get("goal", "")
    if chosen:
        to = int(goal) if goal.isdecimal() else None
        actions.assign(reorganisation.pk, chosen, to, by=request.user)
        messages.success(request, f"已设好 {len(chosen)} 人的去向。")
    else:
        messages.warning(request, "请先勾选人员。")
    return redirect(f"{request.path}?{request.GET.urlencode()}")


@bureau_page
def reorganisation(request: StaffRequest, pk: int) -> HttpResponse:
    """One reorganisation as it stands: to be looked at, to be confirmed, being done, done."""
    return _show(request, _reorganisation(request, pk))


@bureau_page
@require_POST
def preview(request: StaffRequest, pk: int) -> HttpResponse:
    actions.preview(_reorganisation(request, pk).pk, by=request.user)
    return redirect("units:reorganisation", pk)


@bureau_page
@require_POST
def start(request: StaffRequest, pk: int) -> HttpResponse:
    """The last word: typed, then a worker does it."""
    found = _reorganisation(request, pk)
    form = ConfirmForm(request.POST, words=_confirmation(found))
    if not form.is_valid():
        return _show(request, found, form)
    actions.carry_out(pk, by=request.user)
    return redirect("units:reorganisation", pk)


@bureau_page
@require_POST
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    actions.undo_reorganisation(_reorganisation(request, pk).pk, by=request.user)
    messages.success(request, "已撤回，人员仍归原单位。")
    return redirect("units:reorganisation", pk)


def _show(request: StaffRequest, found: UnitReorganisation, form: ConfirmForm | None = None) -> HttpResponse:
    sources, targets = list(found.sources.select_related("division")), list(found.targets.all())
    may_act = may_reorganise(request.user, sources)
    choice = Choice(found.kind, sources, targets, found.pk)
    context: dict[str, Any] = {
        "reorganisation": found,
        "heading": f"{'、'.join(unit.name for unit in sources[:3])}{found.get_kind_display()}",
        "may_act": may_act,
        "may_change": may_act and found.may_be_changed,
        "may_undo": may_act and found.may_be_undone_at(timezone.now()),
        "chooses": found.kind in CHOOSES,
        "plan_rows": _plan_rows(found, sources, targets),
        "units_url": f"{reverse('units:choose', args=[found.kind])}?{choice.query()}",
        "details_url": _details_address(choice),
        "figures": _figures(found, [*sources, *targets, found.rest_to]),
        "crumbs": [HOME, ("办理记录", reverse("units:history")), (_crumb(found)[0], "")],
    }
    if may_act and found.state == State.READY:
        form = form or ConfirmForm(words=_confirmation(found))
    return page(request, "units_reorganisation.html", context, form=form)


def _plan_rows(
    found: UnitReorganisation, sources: list[Organisation], targets: list[Organisation]
) -> list[tuple[str, str]]:
    stays = "撤销" if found.closes else "保留"
    rest = found.rest_to.name
    rest_words = f"留在{rest}" if found.rest_to in sources else f"转到{rest}"
    return [
        ("类别", found.get_kind_display()),
        ("原单位", f"{'、'.join(unit.name for unit in sources)}（{stays}）"),
        ("接收单位", "、".join(unit.name for unit in targets) or f"{rest}（没有承接单位）"),
        ("原单位最后一天", say.day(found.effective_on)),
        ("文号", found.document),
        *([("没有单独选去向的人", rest_words)] if found.kind in CHOOSES else []),
        ("说明", found.words),
    ]


FIGURES = (
    ("late", "这一天以后才到原单位的（整段归接收单位）"),
    ("restricted", "限制查看的"),
    ("dead", "已去世的（保留在册，一并转）"),
    ("stay", "留在原单位的"),
    ("claimants", "自报原单位、还没核实的"),
    ("checkins", "没有办完的报到（随人转）"),
    ("desk", "其中正在原单位办的"),
    ("identity_claims", "等原单位核实身份的"),
    ("staff", "原单位工作人员账号（不能再办原单位的事）"),
    ("notices", "要通知的单位、社区和老干部局"),
)


def _figures(found: UnitReorganisation, units: list[Organisation]) -> list[tuple[str, str]]:
    """What the preview counted, in words: everybody, each way, then what is worth knowing."""
    if "targets" not in found.counts:
        return []
    names = {unit.pk: unit.name for unit in units}
    rows = [("要转的人", f"{found.counts['people']:,} 人")]
    rows += [(f"转到{names.get(pk, '')}", f"{number:,} 人") for pk, number in found.counts["targets"]]
    return rows + [(words, f"{found.counts[name]:,}") for name, words in FIGURES if found.counts.get(name)]


def _offer(request: StaffRequest, choice: Choice, unit: Organisation) -> tuple[Organisation, str, str]:
    """A unit that was found, with the addresses that add it as an old or a new one ("" where it cannot be)."""
    ours = unit.division_id is None or unit.division_id.startswith(request.acting.organisation.area)
    as_source = choice.query(source=unit.pk) if ours and choice.takes_source else ""
    as_target = choice.query(target=unit.pk) if choice.takes_target else ""
    return unit, as_source, as_target


def _choice(request: StaffRequest, kind: str) -> Choice:
    if kind not in Kind.values:
        raise Http404
    keys = {
        role: [int(key) for key in request.GET.getlist(role) if key.isdecimal()][:20]
        for role in ("source", "target")
    }
    units = Organisation.objects.open().select_related("division").in_bulk([*keys["source"], *keys["target"]])
    of = request.GET.get("of", "")
    sources = [units[key] for key in dict.fromkeys(keys["source"]) if key in units]
    targets = [units[key] for key in dict.fromkeys(keys["target"]) if key in units]
    return Choice(kind, sources, targets, int(of) if of.isdecimal() else None)


def _keys(choice: Choice) -> list[int]:
    return [unit.pk for unit in (*choice.sources, *choice.targets)]


def _details_address(choice: Choice) -> str:
    return f"{reverse('units:details', args=[choice.kind])}?{choice.query()}"


def _reorganisation(request: StaffRequest, pk: int) -> UnitReorganisation:
    rows = UnitReorganisation.objects.within(request.acting.organisation.area)
    return get_object_or_404(
        rows.select_related("rest_to", "job", "started_by", "undone_by", "created_by"), pk=pk
    )


def _crumb(found: UnitReorganisation) -> tuple[str, str]:
    return f"单位{found.get_kind_display()}", reverse("units:reorganisation", args=[found.pk])


def _confirmation(found: UnitReorganisation) -> str:
    return f"确认{found.get_kind_display()}"
