#!/usr/bin/env python3
"""Django's command line. `manage.py demo` needs no environment: it works in `data`, or what --data says."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from huifeng.rowscope.scope import as_program


def demo_folder(arguments: list[str]) -> str:
    """The folder after --data, else HUIFENG_DATA, else `data` beside this file."""
    for position, argument in enumerate(arguments):
        if argument == "--data" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--data="):
            return argument.removeprefix("--data=")
    return os.environ.get("HUIFENG_DATA") or str(Path(__file__).resolve().parent / "data")


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifeng.settings")
    if arguments[1:2] == ["demo"]:
        os.environ["HUIFENG_DATA"] = str(Path(demo_folder(arguments[2:])).expanduser().resolve())
        os.environ["HUIFENG_MODE"] = "demo"
    with as_program(f"command {' '.join(arguments[1:2])}"):  # threads that serve pages begin as nobody
        execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
