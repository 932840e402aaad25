"""What bureaus are told: unusual looks, where the audit's chain stands, and that it is broken."""

from django.utils import timezone

from checkin.sync.models import DigestWish
from communities.notices.actions import post
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditAnchor, AuditCheck
from huifeng.display.words import stamp
from huifeng.texts import actions as texts
from huifeng.texts import mail
from members.units.actions import bureau_for

from .models import AccessAlert

ALERT, ANCHOR, BROKEN = "access.alert", "audit.anchor", "audit.broken"
COUNTED = {
    AccessAlert.Kind.MANY: "一小时内查看 {} 人",
    AccessAlert.Kind.LISTS: "一小时内翻看名单 {} 人次",
    AccessAlert.Kind.NIGHT: "夜间查看 {} 次",
    AccessAlert.Kind.OUTSIDE: "打开本辖区以外的人 {} 人",
}


def bureau_above(office: Organisation) -> Organisation:
    """The bureau that looks into it: of the district; for a district's bureau the city's, which answers for itself."""
    if office.kind == Organisation.Kind.BUREAU:
        return bureau_for(f"{(office.division_id or '')[:4]}00000000")
    return bureau_for(office.division_id)


def what_words(alert: AccessAlert) -> str:
    return COUNTED[AccessAlert.Kind(alert.kind)].format(alert.number)


def when_words(alert: AccessAlert) -> str:
    first, last = stamp(alert.first_at), stamp(alert.last_at)
    return first if first == last else f"{first} 至 {last}"


def tell_alert(alert: AccessAlert) -> None:
    """Reader, number and time; nobody who was looked at."""
    post(
        alert.bureau,
        key=f"access:{alert.pk}",
        kind=ALERT,
        words=f"异常查看：{alert.office}的{alert.reader.display_name}，{what_words(alert)}，{when_words(alert)}。请核实。",
        link="page:audit/alerts/",
        data={"alert": alert.pk, "kind": alert.kind, "number": alert.number},
    )


def tell_anchor(anchor: AuditAnchor) -> None:
    """Out of the database: by mail to the leads of the city's bureau, and into its inbox, which it may print."""
    city = _city()
    if city is None:
        return
    words = f"留痕锚点 {anchor.words}。请留存，核对留痕时用。"
    post(city, key=f"anchor:{anchor.day}", kind=ANCHOR, words=words, link="page:audit/chain/")
    if not mail.is_possible():
        return
    for user, address in mails_of_leads(city).items():
        texts.send_mail(
            key=f"anchor:{anchor.day}:{user}", email=address, subject="惠风家园：留痕锚点", words=words
        )


def _city() -> Organisation | None:
    """The highest bureau; None before places are loaded."""
    bureaus = Organisation.objects.open().filter(kind=Organisation.Kind.BUREAU)
    return bureaus.order_by("division_id").first()


def mails_of_leads(bureau: Organisation) -> dict[int, str]:
    """By account, where who leads `bureau` today reads mail: of the account, else as typed for the daily message."""
    leads = Assignment.objects.active(timezone.localdate()).filter(
        organisation=bureau, role=Assignment.Role.LEAD
    )
    users = User.objects.filter(pk__in=leads.values("user"), is_active=True).order_by("pk")
    wished = {wish.user_id: wish.email for wish in DigestWish.objects.filter(user__in=users)}
    return {user.pk: address for user in users if (address := user.email or wished.get(user.pk, ""))}


def tell_broken(check: AuditCheck) -> None:
    """Once a day: what it is stands on the page."""
    city = _city()
    if city is None:
        return
    post(
        city,
        key=f"audit-broken:{timezone.localdate(check.at)}",
        kind=BROKEN,
        words=f"留痕核对发现 {len(check.broken)} 处不符，可能有人改过数据库。请马上打开“留痕”核对并联系系统管理员。",
        link="page:audit/chain/",
        data={"broken": len(check.broken)},
    )
