"""第二步验证: set up, look at, remove; and the page between password and work.

The views are allauth's; ours is who may come, the look, and that other sessions end when something has changed.
"""

import json
from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from . import actions, second_factor
from . import second_factor_forms as forms
from .models import User
from .sessions import SECOND

Context = dict[str, Any]


class _Page:
    """A form that comes back with errors is answered with 422; what the script needs stands in the page as JSON."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> Context:
        context: Context = super().get_context_data(**kwargs)  # type: ignore[misc]
        if "js_data" in context:
            (options,) = context["js_data"].values()
            context["options"] = json.dumps(options, cls=DjangoJSONEncoder)
        return context

    def render_to_response(self, context: Context, **kwargs: Any) -> HttpResponse:
        shown = [context.get(name) for name in ("form", "webauthn_form")]
        if any(form is not None and form.is_bound and form.errors for form in shown):
            kwargs.setdefault("status", 422)
            context["has_errors"] = True
        answer: HttpResponse = super().render_to_response(context, **kwargs)  # type: ignore[misc]
        return answer


@method_decorator((never_cache, sensitive_post_parameters()), name="dispatch")
class _Own(_Page):
    """A page for staff about their own second factor."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and not second_factor.may_have_one(request.user):
            raise Http404
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


def _changed(request: HttpRequest, said: str) -> None:
    """The factor has changed: other sessions of the account end, this one knows whether it still has one."""
    assert isinstance(request.user, User)
    request.session[SECOND] = second_factor.has_one(request.user)
    actions.end_sessions(
        request.user.pk, by=request.user, but=request.session.session_key, why="第二步验证有变动"
    )
    messages.success(request, said)


class Index(_Own, base.IndexView):
    """What there is, and what can be added."""

    template_name = "public/login_second.html"

    def get_context_data(self, **kwargs: Any) -> Context:
        context = super().get_context_data(**kwargs)
        assert isinstance(self.request.user, User)
        found = context["authenticators"]
        left = found.get(Authenticator.Type.RECOVERY_CODES)
        return context | {
            "totp": found.get(Authenticator.Type.TOTP),
            "keys": found.get(Authenticator.Type.WEBAUTHN, []),
            "codes_left": len(left.get_unused_codes()) if left else 0,
            "asked": second_factor.is_asked_of(self.request.user),
        }


class Check(_Page, base.AuthenticateView):
    """After the password or the digits: the second factor."""

    form_class = forms.SecondCodeForm
    template_name = "public/login_second_check.html"

    def get_context_data(self, **kwargs: Any) -> Context:
        context = super().get_context_data(**kwargs)
        own = Authenticator.objects.filter(user=self.stage.login.user)
        return context | {"types": set(own.values_list("type", flat=True))}


class SetUpTotp(_Own, totp.ActivateTOTPView):
    """The square code, the secret in letters, and the first number as proof."""

    form_class = forms.SetUpTotpForm
    template_name = "public/login_second_totp.html"

    def get_context_data(self, **kwargs: Any) -> Context:
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        return context | {"secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))}

    def form_valid(self, form: forms.SetUpTotpForm) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except IntegrityError:  # pressed twice: the other press set it up
            return redirect("mfa_index")
        new = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        second_factor.use_up(new.pk, form.cleaned_data["code"])
        _changed(self.request, "验证器设好了，下次登录要用到它")
        return answer


class RemoveTotp(_Own, totp.DeactivateTOTPView):
    form_class = forms.RemoveTotpForm
    template_name = "public/login_second_remove.html"
    extra_context = {"what": "验证器"}

    def form_valid(self, form: forms.RemoveTotpForm) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _changed(self.request, "验证器已经去掉")
        return answer


class AddKey(_Own, keys.AddWebAuthnView):
    """A security key or passkey; the one page that needs a script, because the browser offers no other way."""

    form_class = forms.AddKeyForm
    template_name = "public/login_second_key.html"

    def get_context_data(self, **kwargs: Any) -> Context:  # allauth's forgets the form that came back
        context = super().get_context_data(**kwargs)
        return context | ({"form": kwargs["form"]} if "form" in kwargs else {})

    def form_valid(self, form: forms.AddKeyForm) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _changed(self.request, "安全密钥加好了，下次登录可以用它")
        return answer


class RemoveKey(_Own, keys.RemoveWebAuthnView):
    template_name = "public/login_second_remove.html"
    success_url = reverse_lazy("mfa_index")

    def get_context_data(self, **kwargs: Any) -> Context:
        return super().get_context_data(**kwargs) | {"what": self.get_object().wrap().name}

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _changed(self.request, "安全密钥已经去掉")
        return answer


class Codes(_Own, codes.ViewRecoveryCodesView):
    """The recovery codes, the first time; after that only how many are left."""

    template_name = "public/login_second_codes.html"


class NewCodes(_Own, codes.GenerateRecoveryCodesView):
    template_name = "public/login_second_codes_new.html"

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _changed(self.request, "备用码换好了，旧的不能再用")
        return answer


class _Again(_Page):
    """Say again who you are, before the second factor is changed."""

    template_name = "public/login_again.html"

    def get_default_success_url(self) -> str:
        return reverse("mfa_index")


@method_decorator((never_cache, sensitive_post_parameters()), name="dispatch")
class AgainPassword(_Again, ReauthenticateView):
    form_class = forms.AgainPasswordForm


@method_decorator((never_cache, sensitive_post_parameters()), name="dispatch")
class AgainCode(_Again, base.ReauthenticateView):
    form_class = forms.AgainCodeForm


@method_decorator(never_cache, name="dispatch")
class AgainKey(_Again, keys.ReauthenticateWebAuthnView):
    extra_context = {"by_key": True}
