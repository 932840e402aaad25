"""Two questions a machine asks: does the process live, and is everything it needs there."""

from collections.abc import Callable
from functools import cache

from django.core.cache import cache as redis_cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huifeng.celery import app as celery_app

WORKER_SECONDS = 1.0


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; asks nobody else."""
    return JsonResponse({"ok": True})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, Redis, a worker and the schema; 503 with the names of what is missing.

    Says which part fails, never why: the reason may hold an address and is in the log.
    """
    checks: dict[str, Callable[[], bool]] = {
        "database": _database,
        "redis": _redis,
        "worker": _worker,
        "migrations": _migrations,
    }
    parts = {name: _holds(name, check) for name, check in checks.items()}
    ready = all(parts.values())
    return JsonResponse({"ok": ready, **parts}, status=200 if ready else 503)


def _holds(name: str, check: Callable[[], bool]) -> bool:
    import structlog

    try:
        return check()
    except Exception as error:  # whatever goes wrong, the answer is "not ready"
        structlog.get_logger(__name__).warning("not ready", part=name, error=type(error).__name__)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _redis() -> bool:
    redis_cache.set("readyz", 1, timeout=10)
    return redis_cache.get("readyz") == 1


def _worker() -> bool:
    return bool(celery_app.control.broadcast("ping", reply=True, timeout=WORKER_SECONDS, limit=1))


def _migrations() -> bool:
    """Every migration this code brings has been applied."""
    return _wanted() <= set(MigrationRecorder(connection).applied_migrations())


@cache
def _wanted() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations or ())


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
