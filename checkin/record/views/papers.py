"""The papers as files: opened in the browser to print, or kept on a phone."""

import hashlib

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from checkin.record import photos
from checkin.record.models import Ceremony, CheckIn, ConsentPaper
from checkin.record.papers.sheets import SHEETS, Sheet, make
from checkin.record.permissions import visible_to, works_for
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people.models import Retiree
from members.people.permissions import may_act_for, may_edit_unit_fields

_RELATED = (
    "retiree",
    "unit",
    "community__parent",
    "community__division",
    "helper",
    "ceremony",
    "confirmed_by",
)
OF_UNIT = ("original_post",)
TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}


@login_required
def sheet(request: HttpRequest, checkin_id: int, key: str, suffix: str) -> HttpResponse:
    """One paper of one check-in, as PDF or PNG. Printing by staff is a look at personal data and is logged."""
    kind = _kind(key)
    visible = visible_to(_user(request)).select_related(*_RELATED)
    checkin = get_object_or_404(visible, pk=checkin_id)
    if checkin.state not in kind.states:
        raise RuleBroken(f"这件报到现在是“{checkin.get_state_display()}”，还不能打印{kind.title}。")
    if checkin.retiree.user_id != _user(request).pk:
        audit.record("checkin.printed", checkin, by=_user(request), note=kind.title)
    unseen = () if _sees_unit_fields(_user(request), checkin.retiree) else OF_UNIT
    return _answer(
        make(kind, [checkin], format="png" if suffix == "png" else "pdf", without=unseen),
        f"{kind.title}_{checkin.number}.{suffix}",
    )


@login_required
def ceremony(request: HttpRequest, ceremony_id: int, key: str) -> HttpResponse:
    """The paper `key` of everyone handed over at a ceremony, one page each."""
    held = get_object_or_404(Ceremony.objects.select_related("unit"), pk=ceremony_id)
    require(works_for(_user(request), held.unit))
    kind = _kind(key)
    checkins = list(
        CheckIn.objects.filter(ceremony=held, state__in=kind.states).select_related(*_RELATED).order_by("pk")
    )
    if not checkins:
        raise RuleBroken(f"这次仪式还没有可以打印的{kind.title}。")
    audit.record("ceremony.printed", held, by=_user(request), note=f"{kind.title} {len(checkins)} 份")
    return _answer(make(kind, checkins), f"{kind.title}_{held.held_on}.pdf")


@staff_page
def consent(request: StaffRequest, pk: int) -> HttpResponse:
    """看同意书照片: for staff who may see the check-in. Every look is written down."""
    rows = ConsentPaper.objects.filter(checkin__in=visible_to(request.user)).select_related("checkin")
    paper = get_object_or_404(rows, pk=pk)
    content = _photo(paper)
    audit.record(
        "checkin.seen_paper",
        paper.checkin,
        by=request.user,
        organisation_id=request.acting.organisation.pk,
        note="同意书照片",
    )
    return _answer(content, f"同意书照片_{paper.checkin.number}.jpg")


def _photo(paper: ConsentPaper) -> bytes:
    """The file of `paper`, the same that was filed. Raises RuleBroken."""
    try:
        content = photos.load(paper.file_name)
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise RuleBroken("这张照片的文件找不到，或已经损坏，请联系系统管理员。")
    return content


def _kind(key: str) -> Sheet:
    if key not in SHEETS:
        raise Http404
    return SHEETS[key]


def _sees_unit_fields(user: User, retiree: Retiree) -> bool:
    """The person, helpers and the unit's side; a community prints the letter without them (E2)."""
    return may_act_for(user, retiree) or may_edit_unit_fields(user, retiree)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _answer(content: bytes, name: str) -> HttpResponse:
    """Shown in the browser, never kept by a proxy or on a shared machine's disk cache."""
    response = HttpResponse(content, content_type=TYPES[name.rpartition(".")[2]])
    response.headers["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response
