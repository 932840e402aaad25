"""A real OpenID Connect provider, a program of its own: django-oauth-toolkit in a Django that knows nothing of ours.

`python provider.py FOLDER`: a database in FOLDER, one client, a few people; prints its address and serves until it is
ended. As django-oauth-toolkit comes: PKCE or nothing, a secret that is kept hashed, addresses to come back to by list.
"""

import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command

CLIENT, SECRET, PASSWORD = "huifeng", "the-secret-of-the-client", "of-the-province"
# login name there: what the provider says of the person
PEOPLE: dict[str, dict[str, object]] = {
    "chen": {"sub": "sd-0001"},
    "liu": {"sub": "sd-0002", "phone_number": "+86 13800001111", "phone_number_verified": True},
    "sun": {"sub": "sd-0003", "phone_number": "13800001111", "phone_number_verified": False},
}
LOGIN_PAGE = """<!doctype html><title>Province</title>
<form method="post">{% csrf_token %}{{ form }}<button>Go on</button></form>"""


def _key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _configure(folder: Path) -> None:
    apps = ["auth", "contenttypes", "sessions"]
    settings.configure(
        SECRET_KEY="provider",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="provider_urls",
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in apps), "oauth2_provider"],
        MIGRATION_MODULES=dict.fromkeys([*apps, "oauth2_provider"]),
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "provider.sqlite3")}
        },
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_PAGE})
                    ]
                },
            }
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SESSION_COOKIE_NAME="provider",  # a browser sends cookies to every port of a host
        CSRF_COOKIE_NAME="provider_csrf",
        LOGIN_URL="/login/",
        USE_TZ=True,
        LOGGING_CONFIG=None,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": _key(),
            "OAUTH2_VALIDATOR_CLASS": "provider_urls.Validator",
            "SCOPES": {"openid": "who", "phone": "which phone"},
        },
    )
    django.setup()


def _fill() -> None:
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    call_command("migrate", run_syncdb=True, verbosity=0)
    for name in PEOPLE:
        User.objects.create_user(name, password=PASSWORD)
    Application.objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
        # any port of 127.0.0.1 fits, see RFC 8252
        redirect_uris="http://testserver/login/sso/back/ http://127.0.0.1/login/sso/back/",
    )


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def serve() -> None:
    from django.core.wsgi import get_wsgi_application

    _fill()
    with make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}/o", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    _configure(Path(sys.argv[1]))
    serve()
