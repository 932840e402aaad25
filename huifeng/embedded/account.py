"""The unprivileged account the engines run as when we are root.

PostgreSQL refuses to run as root. An ordinary user simply runs the engines as themselves.
"""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

NAME = "huifeng"
type Account = pwd.struct_passwd | None


def engine_account() -> Account:
    """The account to run engines as; None for an ordinary user, who runs them as themselves.

    Creates the system account `huifeng` where the system lets us, else borrows `nobody`.
    """
    if os.geteuid() != 0:
        return None
    found = _lookup(NAME)
    if found is None and (useradd := shutil.which("useradd")):
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
            capture_output=True,
            check=False,  # somebody else may have created it this moment; the look-up below decides
        )
        found = _lookup(NAME)
    return found or pwd.getpwnam("nobody")


def hand_over(folder: Path, account: Account) -> None:
    """Make `folder` exist, private to the account that runs the engine."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None and folder.stat().st_uid != account.pw_uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def open_the_way(folder: Path, account: Account) -> None:
    """Let `account` pass through the folders above `folder`: the execute bit, never the read bit."""
    if account is None:
        return
    for parent in (folder, *folder.parents):
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            print(
                f"engines: {parent} is now passable (chmod o+x) for the account {account.pw_name}",
                file=sys.stderr,
            )
            parent.chmod(mode | stat.S_IXOTH)


def may_run(program: Path, account: Account) -> bool:
    """Whether the account can reach and run `program`; tried, not computed."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, check=False, cwd="/", **as_account(account)
        )
    except OSError:
        return False
    return done.returncode == 0


def as_account(account: Account) -> dict[str, Any]:
    """Keyword arguments for subprocess: run as `account`, or as ourselves when it is None."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _lookup(name: str) -> Account:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
