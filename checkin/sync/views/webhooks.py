"""系统对接: where an organisation's notices are sent by machine, for its lead."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from checkin.record.views.frame import page
from checkin.sync import actions, network
from checkin.sync.forms import DropForm, WebhookForm
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.permissions import may_manage_webhooks
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from huifeng.errors import RuleBroken, require


def lead_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A staff page that only the organisation's lead (负责人) may open."""

    @staff_page
    @wraps(view)
    def opened(request: StaffRequest, *args: int, **kwargs: int) -> HttpResponse:
        require(may_manage_webhooks(request.user, request.acting.organisation))
        return view(request, *args, **kwargs)

    return opened


@staff_page
def webhooks(request: StaffRequest) -> HttpResponse:
    """The addresses, how they do, and what did not arrive; for others than the lead a word on who may."""
    if not may_manage_webhooks(request.user, request.acting.organisation):
        return page(request, "sync/webhooks_lead.html")
    return _show(request, WebhookForm())


def _show(request: StaffRequest, form: WebhookForm, *, status: int = 200) -> HttpResponse:
    own = _own(request)
    waiting = DeadLetter.objects.filter(webhook__in=own, state=DeadLetter.State.WAITING)
    part = slices.cut(waiting.select_related("notice", "webhook"), ("pk",), request.GET)
    context = {
        "form": form,
        "rows": [(webhook, network.host_of(webhook.url)) for webhook in own],
        "slice": part,
        "letters": [(letter, network.host_of(letter.webhook.url)) for letter in part.rows],
        "home": _home(request),
        "full": len(own) >= actions.MOST_WEBHOOKS,
    }
    return page(request, "sync/webhooks.html", context, status=status)


@lead_page
@require_POST
def add(request: StaffRequest) -> HttpResponse:
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    known = {webhook.pk for webhook in _own(request)}
    webhook = actions.add_webhook(request.acting.organisation.pk, form.cleaned_data["url"], by=request.user)
    if webhook.pk in known:
        messages.info(request, "这个地址已经登记过")
        return redirect(_home(request))
    return _secret(request, webhook)


@lead_page
@require_POST
def rotate(request: StaffRequest, pk: int) -> HttpResponse:
    made_at = parse_datetime(request.POST.get("made_at", "")[:40])
    if made_at is None:
        raise RuleBroken("页面已经过时，请刷新后再换密钥。", code="stale")
    return _secret(request, actions.rotate_secret(_one(request, pk).pk, made_at=made_at, by=request.user))


def _secret(request: StaffRequest, webhook: Webhook) -> HttpResponse:
    """The only page that ever shows a secret; it answers the POST and is kept nowhere."""
    context = {
        "webhook": webhook,
        "crumbs": [("系统对接", _home(request)), ("密钥", "")],
        "home": _home(request),
    }
    return page(request, "sync/webhook_secret.html", context)


@lead_page
@require_POST
def switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Pause, or go on."""
    if request.POST.get("act") == "pause":
        actions.pause_webhook(_one(request, pk).pk, by=request.user)
        messages.success(request, "已暂停。期间的通知会留着，恢复后接着发")
    else:
        actions.resume_webhook(_one(request, pk).pk, by=request.user)
        messages.success(request, "已恢复，从停下的地方接着发")
    return redirect(_home(request))


@lead_page
@require_POST
def test(request: StaffRequest, pk: int) -> HttpResponse:
    wrong = actions.send_test(_one(request, pk).pk, by=request.user)
    if wrong:
        messages.warning(request, f"测试消息没有送到：{wrong}")
    else:
        messages.success(request, "测试消息已送到")
    return redirect(_home(request))


@lead_page
@require_POST
def resend_all(request: StaffRequest, pk: int) -> HttpResponse:
    count = actions.resend_all(_one(request, pk).pk, by=request.user)
    messages.success(request, f"{count} 条已排队重发" if count else "没有待处理的")
    return redirect(_home(request))


@lead_page
@require_POST
def resend(request: StaffRequest, pk: int) -> HttpResponse:
    count = actions.resend(_letter(request, pk).pk, by=request.user)
    messages.success(request, f"{count} 条已排队重发" if count else "这条已经处理过了")
    return redirect(_home(request))


@lead_page
@require_POST
def drop(request: StaffRequest, pk: int) -> HttpResponse:
    form = DropForm(request.POST)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    actions.drop(_letter(request, pk).pk, words=words, by=request.user)
    messages.success(request, "已记下，不再发送这一条")
    return redirect(_home(request))


def _own(request: StaffRequest) -> list[Webhook]:
    return list(Webhook.objects.filter(organisation=request.acting.organisation).order_by("pk"))


def _one(request: StaffRequest, pk: int) -> Webhook:
    return get_object_or_404(Webhook, pk=pk, organisation=request.acting.organisation)


def _letter(request: StaffRequest, pk: int) -> DeadLetter:
    return get_object_or_404(DeadLetter, pk=pk, webhook__organisation=request.acting.organisation)


def _home(request: HttpRequest) -> str:
    return f"/{request.path.split('/')[1]}/webhooks/"
