"""封存和核对: whether the audit is as it was written, and how one would know."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from communities.organisations.acting import StaffRequest
from huifeng.audit.models import AuditAnchor, AuditCheck, AuditSeal

from .frame import audit_page, page

MOST = 14
WHAT = {
    "changed": "内容被改过",
    "removed": "被删掉了",
    "reordered": "次序被换过",
    "sealed_twice": "封存了两次",
    "unsealed": "过了一小时还没有封存，或是后来塞进去的",
    "seal_changed": "封存被改过",
    "seal_missing": "缺少这个封存",
    "chain_broken": "和前一个封存接不上",
    "anchor_differs": "和送出的锚点不一样",
}


@require_safe
@audit_page
def chain(request: StaffRequest) -> HttpResponse:
    checks = list(AuditCheck.objects.order_by("-at")[:MOST])
    newest = checks[0] if checks else None
    broken = newest.broken[:50] if newest else []
    context = {
        "seal": AuditSeal.objects.order_by("-number").only("number", "at").first(),
        "check": newest,
        "checks": checks,
        "anchor": AuditAnchor.objects.order_by("-day").first(),
        "broken": [(row["seal"], row["entry"], WHAT.get(row["what"], row["what"])) for row in broken],
        "more": bool(newest and len(newest.broken) > len(broken)),
    }
    return page(request, "audit_chain", context)
