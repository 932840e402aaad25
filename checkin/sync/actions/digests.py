"""The daily message to staff who asked for it: how much waits, nobody's name."""

from datetime import datetime, time

from django.db import transaction
from django.utils import timezone

from checkin.record.lists import CAP, capped
from checkin.record.models import CheckIn
from checkin.sync.models import DigestWish
from checkin.sync.permissions import may_have_digest
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.texts import actions as texts
from huifeng.texts import mail
from huifeng.texts.models import Text

AT = time(8, 20)  # Shanghai


@transaction.atomic
def wish_digest(organisation_id: int, *, by_text: bool = False, email: str = "", by: User) -> DigestWish:
    """Choose how to be told each morning what waits for an organisation; neither way: not at all.

    Repeating it changes nothing. Raises PermissionDenied, RuleBroken (no phone on the account, no mail server).
    """
    organisation = Organisation.objects.get(pk=organisation_id)
    require(may_have_digest(by, organisation))
    if by_text and not by.phone:
        raise RuleBroken("您的账号没有登记手机，收不了短信。请选邮件，或请管理员登记手机。", code="no_phone")
    if email and not mail.is_possible():
        raise RuleBroken("本系统没有开通邮件。请选短信，或请管理员开通邮件。", code="no_mail")
    DigestWish.objects.get_or_create(user=by, organisation=organisation)
    wish = DigestWish.objects.select_for_update().get(user=by, organisation=organisation)
    if (wish.by_text, wish.email) == (by_text, email):
        return wish
    before = {"by_text": wish.by_text, "by_mail": bool(wish.email)}
    wish.by_text, wish.email = by_text, email
    wish.save(update_fields=["by_text", "email"])
    after = {"by_text": by_text, "by_mail": bool(email)}
    audit.record("digest.chosen", wish, by=by, organisation_id=organisation.pk, before=before, after=after)
    return wish


def send_digests(*, at: datetime | None = None) -> int:
    """Owe each wish its message of the day, from 8:20 on; a second run of the day owes nothing more.

    Who no longer works there gets none, and no message goes out when nothing waits. Returns how many were owed now.
    """
    now = timezone.localtime(at)
    if now.time() < AT:
        return 0
    wishes = DigestWish.objects.filter(user__is_active=True, organisation__closed_on=None)
    return sum(
        _send(wish, f"digest:{wish.pk}:{now:%Y%m%d}")
        for wish in wishes.select_related("user", "organisation__division").order_by("pk")
        if (wish.by_text or wish.email) and may_have_digest(wish.user, wish.organisation)
    )


def _send(wish: DigestWish, key: str) -> int:
    words = digest_words(wish.organisation)
    known = Text.objects.filter(key__in=[f"{key}:text", f"{key}:mail"]).exists()
    if not words or known:
        return 0
    with transaction.atomic():
        if wish.by_text and wish.user.phone:
            texts.send(key=f"{key}:text", phone=wish.user.phone, words=f"【惠风家园】{words}")
        if wish.email and mail.is_possible():
            texts.send_mail(
                key=f"{key}:mail", email=wish.email, subject="离退休干部报到：今天的待办", words=words
            )
    return 1


def digest_words(organisation: Organisation) -> str:
    """What waits for an organisation, in one sentence without a link; "" when nothing does."""
    desk = CheckIn.objects.at_desk(organisation)[: CAP + 1].count()
    receipts = Notice.objects.unsigned([organisation.pk])[: CAP + 1].count()
    if not desk and not receipts:
        return ""
    waits = [
        f"{capped(count)} {what}"
        for count, what in ((desk, "件报到待办"), (receipts, "条通知待签收"))
        if count
    ]
    return f"{organisation.name}有{'、'.join(waits)}。请登录惠风家园办理。"
