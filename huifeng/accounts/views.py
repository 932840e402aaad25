"""Login: phone and six digits for retirees and helpers, user name and password for staff."""

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import actions, hooks, logins
from .actions import Answer, Asked
from .adapter import OWN_PHONE
from .forms import DigitsForm, OwnPasswordForm, PhoneForm, StaffLoginForm
from .homes import RETIREE_HOME, first_page, homes_of
from .models import LoginCode, Session, User
from .permissions import may_use_sign_on
from .sessions import kept_key

ASKING, NEXT = "login_user", "login_next"  # in the session of somebody who has been sent digits

LOCKED = "试的次数多了，请 15 分钟后再来，或打电话给社区"
EXPIRED = "这个数字过了 10 分钟，已经不能用。请点“再发一次”"
TOO_OFTEN = "发的次数多了，请过一小时再来，或打电话给社区"
CROWDED = "这会儿登录的人多，请等一分钟再试"
ASKED_AGAIN = {
    Asked.SENT: (messages.SUCCESS, "又发了一次，请看短信"),
    Asked.TOO_SOON: (messages.INFO, "刚刚发过。请等 60 秒再点"),
    Asked.TOO_OFTEN: (messages.WARNING, TOO_OFTEN),
    Asked.LOCKED: (messages.WARNING, LOCKED),
}
CALLED = (messages.SUCCESS, "马上给您打电话，请接听")


def next_page(request: HttpRequest) -> str:
    """The page to come back to after login, "" unless it is one of ours."""
    address = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if ours else ""


def go_home(request: HttpRequest) -> HttpResponse:
    """To the page asked for, or the first one of who is logged in."""
    return redirect(next_page(request) or first_page(homes_of(request.user)) or "accounts:choose")


def _ready_accounts() -> list[hooks.ReadyAccount]:
    return [account for fill in hooks.ready_accounts for account in fill()]


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the phone and send digits; the answer is the same whether or not anybody knows the phone."""
    if request.user.is_authenticated:
        return go_home(request)
    form = PhoneForm(request.POST or None)
    if form.is_valid():
        if ratelimit.consume(request, action="request_login_code"):
            return _send_first(request, form.cleaned_data["phone"])
        logins.blocked(request, user=None, how="ask_digits")
        form.add_error("phone", CROWDED)
    page = {
        "form": form,
        "next": next_page(request),
        "long": "long" in request.GET,
        "ready_accounts": _ready_accounts(),
    }
    return render(request, "public/login.html", page, status=422 if form.errors else 200)


def _send_first(request: HttpRequest, phone: str) -> HttpResponse:
    user = actions.account_for(phone)
    if actions.send_code(user.pk) is Asked.TOO_OFTEN:
        logins.blocked(request, user=user, how="ask_digits")
        messages.warning(request, TOO_OFTEN)
    request.session[ASKING], request.session[NEXT] = user.pk, next_page(request)
    return redirect("accounts:code")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Take the six digits, or send them again."""
    user = User.objects.filter(pk=request.session.get(ASKING, 0), phone_index__isnull=False).first()
    if request.user.is_authenticated:
        return go_home(request)
    if user is None:
        return redirect("accounts:login")
    if request.POST.get("again"):
        return _send_again(request, user, voice=request.POST["again"] == "call")
    form = DigitsForm(request.POST or None)
    if form.is_valid():
        if wrong := _refusal(request, user, form.cleaned_data["digits"]):
            form.add_error("digits", wrong)
        else:
            return _let_in(request, user, own_phone=form.cleaned_data["own_phone"])
    locked = LoginCode.objects.filter(user=user, locked_until__gt=timezone.now()).exists()
    page = {"form": form, "phone": user.phone, "locked": locked, "words_locked": LOCKED}
    return render(request, "public/login_code.html", page, status=422 if form.errors else 200)


def _refusal(request: HttpRequest, user: User, digits: str) -> str:
    """Why these digits do not let `user` in, in words; "" when they do."""
    if not ratelimit.consume(request, action="login_code"):
        logins.blocked(request, user=user, how="digits")
        return CROWDED
    checked = actions.check_digits(user.pk, digits)
    if checked.answer is Answer.LOCKED:
        logins.blocked(request, user=user, how="digits")
    elif checked.answer is not Answer.RIGHT:
        logins.failed(request, user=user, how="digits")
    return {
        Answer.RIGHT: "",
        Answer.WRONG: f"数字不对，请看看短信，再输一次（还可以试 {checked.left} 次）",
        Answer.EXPIRED: EXPIRED,
        Answer.LOCKED: LOCKED,
    }[checked.answer]


def _let_in(request: HttpRequest, user: User, *, own_phone: bool) -> HttpResponse:
    address = request.session.pop(NEXT, "")
    request.session.pop(ASKING, None)
    request.session[OWN_PHONE] = own_phone
    answer: HttpResponse = perform_login(request, user, redirect_url=address or None)
    return answer


def _send_again(request: HttpRequest, user: User, *, voice: bool) -> HttpResponse:
    if ratelimit.consume(request, action="request_login_code"):
        asked = actions.send_code(user.pk, voice=voice)
        level, words = CALLED if voice and asked is Asked.SENT else ASKED_AGAIN[asked]
    else:
        logins.blocked(request, user=user, how="ask_digits")
        level, words = messages.WARNING, CROWDED
    messages.add_message(request, level, words)
    return redirect("accounts:code")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest) -> HttpResponse:
    """Log in with user name and password."""
    if request.user.is_authenticated:
        return go_home(request)
    form = StaffLoginForm(request.POST or None, request=request)
    if form.is_valid():
        answer: HttpResponse = perform_login(request, form.user, redirect_url=next_page(request) or None)
        return answer
    page = {
        "form": form,
        "next": next_page(request),
        "idle": "idle" in request.GET,
        "long": "long" in request.GET,
        "idle_title": f"您有 {settings.STAFF_IDLE_SECONDS // 60} 分钟没有操作",
        "ready_accounts": _ready_accounts(),
        "sign_on": settings.OIDC["name"],
    }
    return render(request, "public/login_staff.html", page, status=422 if form.errors else 200)


@login_not_required
@require_GET
def inactive(request: HttpRequest) -> HttpResponse:
    """The account is switched off."""
    return render(request, "public/login_inactive.html", status=403)


@login_required
@never_cache
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Ask in which capacity somebody who is both staff and retiree wants to enter."""
    all_homes = homes_of(request.user)
    if len(all_homes) < 2:
        return redirect(all_homes[0].url if all_homes else RETIREE_HOME)
    return render(request, "public/login_choose.html", {"homes": all_homes})


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other sessions of the account end."""
    user = request.user
    if not isinstance(user, User) or not user.has_usable_password():
        raise Http404
    form = OwnPasswordForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and not ratelimit.consume(request, action="change_password"):
        logins.blocked(request, user=user, how="change_password")
        form.add_error(None, CROWDED)
    elif form.is_valid():
        form.save()
        update_session_auth_hash(request, form.user)
        logins.password_changed(request, user)
        actions.end_sessions(user.pk, by=user, but=request.session.session_key, why="改了密码")
        messages.success(request, "密码已经改好")
        return go_home(request)
    return render(request, "public/login_password.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    end_session(request)
    return redirect("/")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """Where one's account is logged in; end one, or all others."""
    user = request.user
    assert isinstance(user, User)
    here = request.session.session_key
    if request.method == "POST":
        only = request.POST.get("end", "")
        ended = actions.end_sessions(user.pk, by=user, but=here, only="" if only == "others" else only or "-")
        messages.success(request, "已经退出。那边要再用，得重新登录" if ended else "那边已经退出了")
        return redirect("accounts:devices")
    rows = [
        row for row in Session.objects.of(user.pk).but(here).order_by("-seen_at") if row.lives(timezone.now())
    ]
    mine = Session.objects.filter(session_key=kept_key(str(here))).first()
    staff = any(home.staff for home in homes_of(user))
    sign_on = settings.OIDC["name"] if may_use_sign_on(user) else ""
    page = {"mine": mine, "others": rows, "staff": staff, "sign_on": sign_on}
    return render(request, "public/login_devices.html", page)
