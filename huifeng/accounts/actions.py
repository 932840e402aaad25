import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.sealed import blind_indexes
from huifeng.texts.actions import send

from .models import SYSTEM_USERNAME, LoginCode, Session, SingleSignOn, User
from .permissions import may_use_sign_on
from .sessions import forget_cached

# Our own code and not django-allauth's login by code, because its process lives in the session: misses are
# counted there without a lock, so that parallel requests or new sessions buy new guesses; a resend keeps the
# first expiry; an expired code is a silent redirect; no pause between two texts, no call. Its public hooks
# reach only the wording. What follows the digits (second factor, session, redirect) is allauth's.

LIVES = timedelta(minutes=10)
PAUSE = timedelta(seconds=60)
HOUR, MOST_AN_HOUR = timedelta(hours=1), 8
TRIES = 5
LOCK = timedelta(minutes=15)
STRANGER_STAYS = timedelta(days=7)
CODE_STAYS = timedelta(days=1)


class Asked(Enum):
    SENT = "sent"
    TOO_SOON = "too_soon"
    TOO_OFTEN = "too_often"
    LOCKED = "locked"


class Answer(Enum):
    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    LOCKED = "locked"


@dataclass(frozen=True)
class Checked:
    answer: Answer
    left: int = 0


@transaction.atomic
def account_for(phone: str) -> User:
    """The account that logs in with `phone` (11 digits); made on the spot for an unknown phone.

    So known and unknown phones are treated alike from here on; what never logs in is forgotten after a week.
    """
    user, _ = User.objects.get_or_create(
        phone_index__in=blind_indexes(phone, "phone"),
        defaults={"phone": phone, "username": f"p-{secrets.token_hex(8)}", "password": "!"},
    )
    return user


def _locked_code(user_id: int) -> LoginCode:
    LoginCode.objects.get_or_create(user_id=user_id)
    return LoginCode.objects.select_for_update(of=("self",)).select_related("user").get(user_id=user_id)


@transaction.atomic
def send_code(user_id: int, *, voice: bool = False) -> Asked:
    """Send six digits to the account's phone, as a text or read out in a call.

    Not twice within a minute, nor more than eight times in an hour, so that our page floods nobody's phone.
    Digits that live are sent again and live ten minutes from now. A deactivated account is sent nothing, with
    the same outcome. Raises User.DoesNotExist for an account without a phone.
    """
    User.objects.get(pk=user_id, phone_index__isnull=False)
    code, now = _locked_code(user_id), timezone.now()
    if code.is_locked(now):
        return Asked.LOCKED
    if code.sent_at is not None and now < code.sent_at + PAUSE:
        return Asked.TOO_SOON
    if code.hour_began_at is None or now >= code.hour_began_at + HOUR:
        code.hour_began_at, code.sent_this_hour = now, 0
    if code.sent_this_hour >= MOST_AN_HOUR:
        return Asked.TOO_OFTEN
    if not code.lives(now):
        code.digits = f"{secrets.randbelow(1_000_000):06}"
    code.sent_at, code.expires_at = now, now + LIVES
    code.sent_this_hour += 1
    code.save()
    words = _spoken(code.digits) if voice else _written(code.digits)
    key = f"login:{user_id}:{now.timestamp():.0f}"
    with transaction.atomic():
        send(key=key, phone=code.user.phone, words=words, voice=voice, good_for=LIVES)
        if not code.user.is_active:  # the same work, so that the time tells nothing, and nothing comes of it
            transaction.set_rollback(True)
    return Asked.SENT


def _written(digits: str) -> str:
    return f"【惠风家园】登录用的数字是 {digits}，10 分钟内有效。请不要告诉别人，工作人员也不会向您要。"


def _spoken(digits: str) -> str:
    return f"您好，这里是惠风家园。登录用的数字是：{'，'.join(digits)}。再说一遍：{'，'.join(digits)}。"


@transaction.atomic
def check_digits(user_id: int, digits: str) -> Checked:
    """Compare `digits` with what was sent to the account. Right digits are used up.

    Five misses in a row lock the account's phone login for a quarter of an hour; asking for new digits does
    not clear them. The outcome is returned, not raised, so that a miss is always recorded.
    """
    code, now = _locked_code(user_id), timezone.now()
    if code.is_locked(now):
        return Checked(Answer.LOCKED)
    if not code.lives(now):
        return Checked(Answer.EXPIRED)
    if hmac.compare_digest(digits.encode(), code.digits.encode()):
        code.digits, code.misses = "", 0
        code.save(update_fields=["digits", "misses"])
        return Checked(Answer.RIGHT)
    code.misses += 1
    if code.misses < TRIES:
        code.save(update_fields=["misses"])
        return Checked(Answer.WRONG, left=TRIES - code.misses)
    code.digits, code.misses, code.locked_until = "", 0, now + LOCK
    code.save(update_fields=["digits", "misses", "locked_until"])
    return Checked(Answer.LOCKED)


def forget_strangers() -> int:
    """Delete accounts made a week ago for a phone that never logged in. Returns how many."""
    deleted = 0
    for user in User.objects.filter(
        last_login=None,
        display_name="",
        phone_index__isnull=False,
        is_staff=False,
        date_joined__lt=timezone.now() - STRANGER_STAYS,
    ).iterator(chunk_size=500):
        try:
            with transaction.atomic():
                user.delete()
        except ProtectedError:  # somebody linked it to a person; it is no stranger
            continue
        deleted += 1
    return deleted


@transaction.atomic
def end_sessions(user_id: int, *, by: User, but: str | None = None, only: str = "", why: str = "") -> int:
    """End the sessions of an account; at their next request they are strangers. Returns how many.

    `but`: the cookie's key of the one that stays; `only`: the table's key of the one that ends. Ending none records
    nothing. Who may do it is asked by the caller: everybody their own, staff by the acts that need it.
    """
    found = Session.objects.of(user_id).but(but)
    keys = list((found.filter(session_key=only) if only else found).values_list("pk", flat=True))
    ended, _ = Session.objects.filter(pk__in=keys).delete()
    forget_cached(keys)
    if ended:
        audit.record("session.ended", User(pk=user_id), by=by, after={"sessions": ended}, note=why)
    return ended


def forget_second_factor(user_id: int) -> list[str]:
    """Delete every second factor and the recovery codes of an account; returns their kinds.

    In the caller's transaction, which has asked who may, holds the user's row and writes the audit.
    """
    found = Authenticator.objects.select_for_update().filter(user_id=user_id)
    kinds = sorted(found.values_list("type", flat=True))
    found.delete()
    return kinds


NOT_YOU = "如不是您本人操作，请马上打电话给本单位管理员。"


@transaction.atomic
def bind_sign_on(user_id: int, subject: str, *, by: User, how: str) -> SingleSignOn:
    """Let `subject` of the single sign-on (issuer and sub) in as this account from now on; the person gets a text.

    `how`: "session" by its owner, logged in; "phone" by the program, because the provider vouches for the phone.
    Once: the same subject again changes nothing and records nothing. Raises PermissionDenied, RuleBroken (bound to
    another subject, unbound and not by its owner, or the subject is another account's). Source: docs/rules.md, L4.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    require(
        may_use_sign_on(user) and (by.pk == user.pk if how == "session" else by.username == SYSTEM_USERNAME)
    )
    row = SingleSignOn.objects.filter(user=user).first()
    if row is not None and row.subject == subject:
        return row
    if row is not None and (row.subject or how == "phone"):
        raise RuleBroken("这个工作账号已经连着别的统一登录账号。要换，请先断开。", code="bound")
    row = row or SingleSignOn(user=user)
    row.subject, row.bound_at = subject, timezone.now()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise RuleBroken(
            "这个统一登录账号已经连着别的工作账号。请先在那个账号里断开，或打电话给本单位管理员。",
            code="taken",
        ) from None
    audit.record("single_sign_on.bound", user, by=by, after={"how": how})
    _tell_of_sign_on(user, "可以用统一登录进入了。")
    return row


@transaction.atomic
def unbind_sign_on(user_id: int, *, by: User, but: str | None = None) -> None:
    """Forget who the account is at the single sign-on; its owner only. Its sessions end but the one of `but`.

    Repeating it changes nothing. A phone number does not bind the account again, only its owner does.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    require(by.pk == user.pk)
    row = SingleSignOn.objects.filter(user=user, subject__isnull=False).first()
    if row is None:
        return
    row.subject, row.bound_at = "", None
    row.save()
    audit.record("single_sign_on.unbound", user, by=by)
    end_sessions(user.pk, by=by, but=but, why="断开了统一登录")
    _tell_of_sign_on(user, "不再能用统一登录进入。")


def _tell_of_sign_on(user: User, words: str) -> None:
    if user.phone:
        key = f"sign_on:{user.pk}:{timezone.now().timestamp():.3f}"
        send(key=key, phone=user.phone, words=f"【惠风家园】您的工作账号{words}{NOT_YOU}")


def forget_codes() -> int:
    """Empty login digits a day after they ended; the counts of misses stay. Returns how many. One statement."""
    over = LoginCode.objects.filter(digits__isnull=False, expires_at__lt=timezone.now() - CODE_STAYS)
    return over.update(digits="")
