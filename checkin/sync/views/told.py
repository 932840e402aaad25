"""告诉了谁: whom an organisation's or the person's own acts were told, in plain words for the person."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from checkin.record.models import CheckInEvent
from communities.notices.models import Notice
from members.people.acting import for_person, page
from members.people.models import Retiree

MOST = 50
Move = CheckInEvent.Move

# What was told, by kind of notice, without a name; reminders between offices are not about the person
WORDS = {
    f"checkin.{Move.SUBMITTED}": "您要报到，请它核对",
    f"checkin.{Move.RESUBMITTED}": "您补充了报到，请它核对",
    f"checkin.{Move.AUTO_VERIFIED}": "您要报到，信息已核对",
    f"checkin.{Move.VERIFIED}": "您的信息已核对",
    f"checkin.{Move.RETURNED}": "您的报到要补充",
    f"checkin.{Move.PLACED}": "为您找到了社区",
    f"checkin.{Move.FORWARDED}": "您的报到转了社区",
    f"checkin.{Move.CONFIRMED}": "您已报到",
    f"checkin.{Move.UNDONE}": "您的报到要重新核对",
    f"checkin.{Move.WITHDRAWN}": "报到已撤回",
    f"checkin.{Move.ENDED}": "报到已结束",
    f"checkin.{Move.RESTORED}": "报到已恢复",
    f"checkin.{Move.REDIRECTED}": "报到换了经办单位",
    "people.changed": "您的资料有改动",
    "people.merged": "您的两份资料合成了一份",
    "people.unit_changed": "管您的单位换了",
    "people.joined": "有一位刚登记的老同志住在这里（没有说名字）",
    "people.death_undone": "一条登记有误，已更正",
    "identity_claim": "请它核对您的身份",
    "helper_call": "家人想帮您办，请它给您打电话",
    "transfer_decided": "管您的单位换了",
    "proposal.opened": "您的资料可能有不对的，请它核对",
    "proposal.accepted": "您的资料已经更正",
    "proposal.refused": "您的资料核对过，没有改",
    "notice.disputed": "有单位对您的一条信息有不同意见",
}


@require_GET
@for_person
def told(request: HttpRequest, person: Retiree) -> HttpResponse:
    """The newest facts about the person that went to an office, with day and office."""
    rows = (
        Notice.objects.filter(person=person.pk, kind__in=WORDS)
        .select_related("receiver")
        .order_by("-created_at", "-pk")[:MOST]
    )
    lines = [{"at": row.created_at, "who": row.receiver.name, "what": WORDS[row.kind]} for row in rows]
    return page(request, "retiree/told.html", {"lines": lines, "most": MOST})
