"""同事的登录: whoever appoints staff sees who has a second factor, and resets one that was lost."""

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from huifeng.accounts.second_factor import REAL
from huifeng.display.forms import Form
from huifeng.display.frames import frame_of
from huifeng.errors import require

from . import actions
from .acting import StaffRequest, staff_page
from .permissions import colleagues_of, may_reset_second_factor

A_PAGE = 50


class ResetForm(Form):
    """Why it is reset; kept in the audit."""

    reason = forms.CharField(
        label="为什么重设",
        help_text="例如：手机丢了，本人当面提出",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@staff_page
def colleagues(request: StaffRequest) -> HttpResponse:
    """Staff of one's own organisation (as its lead) and of those below, each with or without a second factor."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=REAL)
    words = request.GET.get("q", "").strip()[:60]
    found = colleagues_of(request.user).annotate(second=Exists(factors)).order_by("username")
    if words:
        found = found.filter(Q(display_name__contains=words) | Q(username__contains=words))
    context = {"page": Paginator(found, A_PAGE).get_page(request.GET.get("page")), "words": words}
    return render(request, "staff/colleagues.html", frame_of(request) | context)


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask why, then take the second factor away."""
    person = get_object_or_404(colleagues_of(request.user), pk=pk)
    require(may_reset_second_factor(request.user, person))
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = actions.reset_second_factor(pk, by=request.user, **form.cleaned_data)
        said = (
            "的第二步验证已重设，所有设备都已退出。请告诉本人重新登录。"
            if done
            else "没有设第二步验证，不用重设。"
        )
        messages.success(request, f"{person}{said}")
        return redirect(f"{request.acting.area}-colleagues:colleagues")
    context = frame_of(request) | {"form": form, "person": person}
    return render(request, "staff/colleague_reset.html", context, status=422 if form.errors else 200)
