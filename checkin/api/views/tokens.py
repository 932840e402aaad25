"""接口令牌: the lead lets another system in, gives it a new secret, shuts it out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display.forms import Form
from huifeng.display.frames import frame_of
from huifeng.errors import RuleBroken

from .. import actions
from ..forms import LastDayForm, RevokeForm, TokenForm
from ..models import ApiToken
from ..permissions import may_manage_tokens


def _lead_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A staff page that only the organisation's lead (负责人) may open; others are told who may."""

    @staff_page
    @wraps(view)
    def opened(request: StaffRequest, *args: int, **kwargs: int) -> HttpResponse:
        if not may_manage_tokens(request.user, request.acting.organisation):
            return _page(request, "tokens_lead.html", {}, status=403)
        return view(request, *args, **kwargs)

    return opened


@_lead_page
def tokens(request: StaffRequest) -> HttpResponse:
    """Who may call for this organisation, and who might once."""
    now = timezone.now()
    rows = list(_ours(request).select_related("created_by", "revoked_by").order_by("-pk"))
    in_use = [row for row in rows if row.revoked_at is None and not row.has_expired(now)]
    context = {"in_use": in_use, "ended": [row for row in rows if row not in in_use], "now": now}
    return _page(request, "tokens.html", context)


@_lead_page
def new(request: StaffRequest) -> HttpResponse:
    """A new system; the answer shows the secret, this once."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = actions.create(request.acting.organisation.pk, by=request.user, **form.cleaned_data)
        except RuleBroken as refused:  # said over the form, so that nothing chosen is lost
            form.add_error(None, refused.message)
        else:
            return _page(request, "token_issued.html", {"issued": issued})
    context = {"form": form, "heading": "生成令牌", "button": "生成令牌"}
    return _page(request, "token_form.html", context, status=_status(form))


@_lead_page
def rotate(request: StaffRequest, pk: int) -> HttpResponse:
    """A new secret for the same system; the old one works for a week more."""
    token = _found(request, pk)
    form = LastDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = actions.rotate(pk, by=request.user, **form.cleaned_data)
        except RuleBroken as refused:
            form.add_error(None, refused.message)
        else:
            return _page(request, "token_issued.html", {"issued": issued, "old": token})
    context = {"form": form, "token": token, "heading": f"给“{token.name}”换发密钥", "button": "换发密钥"}
    return _page(request, "token_form.html", context, status=_status(form))


@_lead_page
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Shut a system out at once."""
    token = _found(request, pk)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.revoke(pk, by=request.user, why=form.cleaned_data["why"])
        messages.success(request, f"“{token.name}”的令牌已停用，马上不能再用。")
        return redirect(f"{request.acting.area}-tokens:tokens")
    context = {
        "form": form,
        "token": token,
        "heading": f"停用“{token.name}”的令牌",
        "button": "停用",
        "ends": True,
    }
    return _page(request, "token_form.html", context, status=_status(form))


def _ours(request: StaffRequest) -> Any:
    return ApiToken.objects.filter(organisation=request.acting.organisation)


def _found(request: StaffRequest, pk: int) -> ApiToken:
    found: ApiToken = get_object_or_404(_ours(request), pk=pk)
    return found


def _page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    area = request.acting.area
    here = {"webhooks_url": f"/{area}/webhooks/", "tokens_url": f"/{area}/tokens/"}
    return render(request, f"staff/{name}", {**frame_of(request), **here, **context}, status=status)


def _status(form: Form) -> int:
    return 422 if form.errors else 200
