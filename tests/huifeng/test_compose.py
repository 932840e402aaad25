"""docker-compose.yml passes on every variable that an operator sets."""

import re
from pathlib import Path
from typing import Any

import yaml

from huifeng.settings import env

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
NOT_PASSED = {
    "HUIFENG_DATA": "embedded engines; compose has its own",
    "HUIFENG_DEBUG": "never in production",
    "HUIFENG_SMS_BACKEND": "http is the only one production takes",
    "HUIFENG_FILES": "the image names where the volume is mounted",
}
ONE_SERVICE = {
    "HUIFENG_DATABASE_POOL": "web",
    "HUIFENG_WORKER_CONCURRENCY": "worker",
    "OWNER_DATABASE_URL": "migrate",
}


def given(service: str) -> set[str]:
    """The variables a service gets, from files or not."""
    return {name.removesuffix("_FILE") for name in COMPOSE["services"][service]["environment"]}


def test_every_variable_of_the_program_is_passed() -> None:
    wanted = {name for name in env.known if not name.endswith("_FILE")} - set(NOT_PASSED)

    for service in ("web", "worker", "jobs", "beat", "migrate", "reference"):
        own = {"jobs": "worker"}.get(service, service)  # both are workers
        others = {name for name, one in ONE_SERVICE.items() if one != own}
        assert wanted - others - given(service) == set(), service


def test_what_an_operator_sets_is_not_fixed() -> None:
    """A value without ${…} is the same for everybody; such are only addresses of files, the mode and the proxy."""
    fixed = {
        name
        for name, value in COMPOSE["x-environment"].items()
        if not name.endswith("_FILE") and "${" + name not in str(value)
    }

    assert fixed == {"HUIFENG_MODE", "HUIFENG_BEHIND_PROXY"}


def test_every_file_of_a_secret_is_mounted_and_made() -> None:
    asked = set(re.findall(r"/run/secrets/(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    made = (ROOT / "deploy/secrets.sh").read_text(encoding="utf-8")

    assert asked <= set(COMPOSE["secrets"])
    assert [name for name in COMPOSE["secrets"] if not re.search(rf"\b{name}\b", made)] == []
    for service, told in COMPOSE["services"].items():
        files = {
            str(v).rpartition("/")[2] for k, v in told.get("environment", {}).items() if k.endswith("_FILE")
        }
        assert files <= set(told.get("secrets", ())), service
