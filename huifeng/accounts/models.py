from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Q

from huifeng.sealed import BlindIndexField, SealedField, blind_index, blind_indexes

from .sessions import SessionStore, kept_key

SYSTEM_USERNAME = "system"


class Users(UserManager["User"]):
    def system(self) -> "User":
        """The named actor of everything that runs by itself; `by` is therefore never None. Cannot log in."""
        user, _ = self.get_or_create(
            username=SYSTEM_USERNAME, defaults={"display_name": "系统", "is_active": False, "password": "!"}
        )
        return user

    def with_phone(self, phone: str) -> "User | None":
        """The account that logs in with `phone` (11 digits), if any."""
        return self.filter(phone_index__in=blind_indexes(phone, "phone")).first()

    def with_subject(self, subject: str) -> "User | None":
        """The account bound to `subject` of the single sign-on, if any."""
        indexes = blind_indexes(subject, "single_sign_on")
        return self.filter(single_sign_on__subject_index__in=indexes).first()


class User(AbstractUser):
    """An account: a retiree or helper logs in by phone code, staff by password. Roles are rows elsewhere."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField("姓名", max_length=60)
    phone = SealedField(context="accounts.phone")
    phone_index = BlindIndexField(
        of="phone", kind="phone", max_length=32, null=True, unique=True, editable=False
    )

    objects: Users = Users()  # type: ignore[misc]
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__isnull=True, phone_index__isnull=True)
                | Q(phone__isnull=False, phone_index__isnull=False),
                name="accounts_phone_with_index",
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def name_of_staff(self) -> str:
        """The name as records keep it for good; "" of who logs in by phone alone, as retirees and helpers do.

        Records outlive people: these are known by their account, whose name an erasure takes away.
        """
        return "" if self.phone_index is not None and not self.has_usable_password() else self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    def set_phone(self, phone: str) -> None:
        """Take `phone` (11 digits, "" for none) as the login phone. Does not save."""
        self.phone = phone
        self.phone_index = blind_index(phone, "phone") if phone else None


class LoginCode(models.Model):
    """The six digits that let one account in, and how often they were guessed wrong. One row an account.

    While the digits live, sending again repeats them: who reads the older of two messages is right as well.
    The count of misses belongs to the account, not to a session, so a new session buys no new guesses.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="login_code")
    digits = SealedField(context="accounts.login_code")
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    misses = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    hour_began_at = models.DateTimeField(null=True)
    sent_this_hour = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "登录数字"
        verbose_name_plural = "登录数字"
        constraints = [
            models.CheckConstraint(
                condition=Q(digits__isnull=True) | Q(sent_at__isnull=False, expires_at__isnull=False),
                name="accounts_login_code_has_times",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"

    def is_locked(self, at: datetime) -> bool:
        return self.locked_until is not None and at < self.locked_until

    def lives(self, at: datetime) -> bool:
        """Whether the digits can still be used at `at`."""
        return bool(self.digits) and self.expires_at is not None and at <= self.expires_at


class SingleSignOn(models.Model):
    """Who an account is at the province's single sign-on: its issuer and the subject there, bound once.

    Without a subject it was unbound by its owner: from then on a phone number does not bind it again by itself.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="single_sign_on")
    subject = SealedField(context="accounts.single_sign_on")
    subject_index = BlindIndexField(
        of="subject", kind="single_sign_on", max_length=32, null=True, unique=True, editable=False
    )
    bound_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "统一登录"
        verbose_name_plural = "统一登录"
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__isnull=True, subject_index__isnull=True, bound_at__isnull=True)
                | Q(subject__isnull=False, subject_index__isnull=False, bound_at__isnull=False),
                name="accounts_single_sign_on_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"


class SessionQuerySet(models.QuerySet["Session"]):
    def of(self, user_id: int) -> "SessionQuerySet":
        return self.filter(user_id=user_id)

    def but(self, session_key: str | None) -> "SessionQuerySet":
        """All but the one whose cookie says `session_key`."""
        return self.exclude(session_key=kept_key(session_key)) if session_key else self


class Session(AbstractBaseSession):
    """One browser that is logged in, or a visitor with something to remember. See huifeng/accounts/sessions.py.

    `session_key`: SHA-256 of the cookie. `seen_at` is written every few minutes at most.
    """

    session_key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField("设备", max_length=60, blank=True)
    as_staff = models.BooleanField(default=False)
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    objects = BaseSessionManager.from_queryset(SessionQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = "登录设备"
        verbose_name_plural = "登录设备"

    def __str__(self) -> str:
        return f"{self.user_id} {self.device}"

    def lives(self, at: datetime) -> bool:
        """Whether it can still be used at `at`, as far as a row can say: staff who rest are out sooner."""
        return self.expire_date > at and not (self.as_staff and self._rested(at))

    def _rested(self, at: datetime) -> bool:
        rest, whole = settings.STAFF_IDLE_SECONDS, settings.STAFF_SESSION_SECONDS
        return (
            self.seen_at is not None
            and self.began_at is not None
            and (at > self.seen_at + timedelta(seconds=rest) or at > self.began_at + timedelta(seconds=whole))
        )

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore
