from django.urls import include, path

from . import second_factor_views as second
from . import sign_on_views as sign_on
from . import views

pages = [
    path("login/", views.login, name="login"),
    path("login/code/", views.code, name="code"),
    path("login/staff/", views.staff, name="staff"),
    path("login/choose/", views.choose, name="choose"),
    path("login/password/", views.password, name="password"),
    path("login/devices/", views.devices, name="devices"),
    path("login/inactive/", views.inactive, name="inactive"),
    path("login/sso/", sign_on.page, name="sign_on"),
    path("login/sso/start/", sign_on.start, name="sign_on_start"),
    path("login/sso/back/", sign_on.back, name="sign_on_back"),
    path("logout/", views.logout, name="logout"),
]
second_factor = [  # under the names django-allauth looks up
    path("", second.Index.as_view(), name="mfa_index"),
    path("check/", second.Check.as_view(), name="mfa_authenticate"),
    path("totp/", second.SetUpTotp.as_view(), name="mfa_activate_totp"),
    path("totp/remove/", second.RemoveTotp.as_view(), name="mfa_deactivate_totp"),
    path("key/", second.AddKey.as_view(), name="mfa_add_webauthn"),
    path("key/<int:pk>/remove/", second.RemoveKey.as_view(), name="mfa_remove_webauthn"),
    path("codes/", second.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("codes/new/", second.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("again/password/", second.AgainPassword.as_view(), name="account_reauthenticate"),
    path("again/code/", second.AgainCode.as_view(), name="mfa_reauthenticate"),
    path("again/key/", second.AgainKey.as_view(), name="mfa_reauthenticate_webauthn"),
]
urlpatterns = [
    path("login/second/", include(second_factor)),
    path("", include((pages, "accounts"))),
    # the names django-allauth looks up; its own pages for signing up and for mail addresses do not exist here
    path("login/", views.login, name="account_login"),
    path("login/inactive/", views.inactive, name="account_inactive"),
    path("logout/", views.logout, name="account_logout"),
]
