"""What the program accepts from the environment, and what it refuses."""

import base64
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from huifeng.environment import Environment, database, mailer, redis_database

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(b"k" * 32).decode()
PRODUCTION = {
    "HUIFENG_MODE": "production",
    "DATABASE_URL": "postgresql://huifeng_app:pw@db.example/huifeng",
    "REDIS_URL": "redis://redis.example/0",
    "HUIFENG_SECRET_KEY": "abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "HUIFENG_FIELD_KEY": KEY,
    "HUIFENG_INDEX_KEY": KEY,
    "HUIFENG_ALLOWED_HOSTS": "huifeng.example",
    "HUIFENG_SMS_URL": "https://sms.example/send",
    "HUIFENG_SMS_TOKEN": "t",
}


def read(variables: dict[str, str]) -> dict[str, object]:
    """The settings as a process with exactly these variables would read them."""
    with mock.patch.dict(os.environ, variables, clear=True):
        return runpy.run_path(str(ROOT / "huifeng/settings.py"))


def test_production_starts_with_everything_given():
    found = read(PRODUCTION)

    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["DEBUG"] is False
    assert [key.secret for key in found["FIELD_KEYS"]] == [b"k" * 32]
    assert found["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")
    assert "demo" not in found["INSTALLED_APPS"]
    assert list(found["DATABASES"]) == ["default"]  # the running program does not know the owner
    assert found["DATABASES"]["default"].get("ATOMIC_REQUESTS", False) is False


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"HUIFENG_MODE"}))
def test_production_refuses_to_start_without(name):
    with pytest.raises(ImproperlyConfigured, match=name):
        read({key: value for key, value in PRODUCTION.items() if key != name})


def test_the_checks_of_a_deployment_find_nothing():
    """With mail, so that its check is not silenced; each silenced one has its reason in settings.py."""
    given = {"PATH": os.environ["PATH"], "HUIFENG_MAIL_URL": "smtp+tls://mail.example"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"]
    found = subprocess.run(command, cwd=ROOT, env=PRODUCTION | given, capture_output=True, text=True)

    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == "System check identified no issues (2 silenced).\n"
    assert read(PRODUCTION)["SILENCED_SYSTEM_CHECKS"] == ["security.W005", "security.W021", "mail.E001"]


def test_mode_is_production_unless_told():
    assert read({key: PRODUCTION[key] for key in PRODUCTION if key != "HUIFENG_MODE"})["MODE"] == "production"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HUIFENG_DEBUG", "maybe", "true or false"),
        ("HUIFENG_DEBUG", "true", "not in production"),
        ("HUIFENG_DATABASE_POOL", "many", "whole number"),
        ("HUIFENG_DATABASE_POOL", "²", "whole number"),
        ("HUIFENG_WORKER_CONCURRENCY", "0", "whole number from 1"),
        ("HUIFENG_MODE", "prodution", "one of production, demo, test"),
        ("HUIFENG_FIELD_KEY", "not base64!", "base64"),
        ("HUIFENG_FIELD_KEY", "c2hvcnQ=", "holds 5 bytes"),
        ("HUIFENG_SECRET_KEY", "short", "too short"),
        ("DATABASE_URL", "mysql://a:b@c/d", "DATABASE_URL must look like"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must look like"),
        ("HUIFENG_LOG_LEVEL", "loud", "one of DEBUG"),
        ("HUIFENG_ALOWED_HOSTS", "x", r"Did you mean HUIFENG_ALLOWED_HOSTS\?"),
        ("HUIFENG_SECRET_KEY_FILE", "/nowhere", "keep one"),
        ("HUIFENG_OIDC_NAME", "山东通登录", "belong together"),
        ("HUIFENG_OIDC_SERVER", "http://sso.example", "must look like https"),
    ],
)
def test_values_that_are_not_understood_are_refused(name, value, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        read(PRODUCTION | {name: value})


def test_a_secret_may_stand_in_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text("f" * 50 + "\n")
    given = {key: PRODUCTION[key] for key in PRODUCTION if key != "HUIFENG_SECRET_KEY"}

    assert read(given | {"HUIFENG_SECRET_KEY_FILE": str(file)})["SECRET_KEY"] == "f" * 50


def test_env_example_names_exactly_the_variables_the_settings_read():
    from huifeng.settings import env

    written = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert written == {name for name in env.known if not name.endswith("_FILE")}


def test_addresses_are_taken_apart():
    entry = database("postgresql://us%40er:p%2Fw@db:6432/na%20me?sslmode=require", OPTIONS={"pool": True})
    post = mailer("smtp+tls://me:s%3Acret@mail.example")

    assert (entry["USER"], entry["PASSWORD"], entry["NAME"], entry["PORT"]) == (
        "us@er",
        "p/w",
        "na me",
        "6432",
    )
    assert entry["OPTIONS"] == {"sslmode": "require", "pool": True}
    assert post["OPTIONS"]["port"] == 587
    assert post["OPTIONS"]["password"] == "s:cret"
    assert redis_database("redis://:pw@h:1/4", 1) == "redis://:pw@h:1/5"
    assert redis_database("redis://h", 1) == "redis://h/1"


def test_value_and_file_together_are_refused():
    with pytest.raises(ImproperlyConfigured, match="both set"):
        Environment({"A": "1", "A_FILE": "a"}).text("A")


def test_pages_carry_exactly_the_agreed_security_policy(client):
    policy = client.get("/healthz").headers["Content-Security-Policy"]

    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "manifest-src 'self'"
    )


def test_time_and_language():
    assert (settings.TIME_ZONE, settings.LANGUAGE_CODE, settings.USE_TZ) == ("Asia/Shanghai", "zh-hans", True)


@pytest.mark.parametrize(
    ("variables", "mode"),
    [({}, "bureau"), ({"HUIFENG_SECOND_FACTOR": "staff"}, "staff"), ({"HUIFENG_MODE": "demo"}, "off")],
)
def test_bureaus_need_a_second_factor_in_production_and_nobody_in_the_demo(variables, mode):
    assert read(PRODUCTION | variables)["SECOND_FACTOR"] == mode


@pytest.mark.parametrize(
    ("name", "value"),
    [("SECOND_FACTOR", "sometimes"), ("STAFF_IDLE_MINUTES", "0"), ("STAFF_SESSION_HOURS", "48")],
)
def test_how_staff_log_in_is_said_clearly(name, value):
    with pytest.raises(ImproperlyConfigured, match="must be"):
        read(PRODUCTION | {f"HUIFENG_{name}": value})
