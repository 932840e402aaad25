"""The command line: prepares the data folder, measures, prints.

Like bin/demo it works on the engines of a data folder of its own and on nothing else.
"""

import argparse
import importlib
import json
import os
import sys
from pathlib import Path

from huifeng.rowscope.scope import as_program

BUILT = {
    "pages": "any page, over HTTP, as a logged-in user",
    "confirm": "a community confirms a check-in",
    "import": "a roster, from the file to the register",
    "export": "a list of everybody as xlsx",
    "feedback": "the feedback reports of a month, with xlsx and PDF",
    "statistics": "a month of a whole city: counted, closed, read again",
    "sync": "notices to their receivers (--size: how many)",
}
MODULES = {"import": "rosters"}  # where the name is no name for a module
MOST_MEMBERS = 2_000_000
ROOT = Path(__file__).resolve().parent.parent
SERVERS_GIVEN = ("DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE")


def refuse(words: str) -> None:
    print(f"benchmarks: {words}", file=sys.stderr)
    raise SystemExit(2)


def say(words: str) -> None:
    print(f"benchmarks: {words}", file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", metavar="NAME", help=", ".join(BUILT))
    parser.add_argument("--size", type=int, default=40_000, help="how many retirees the city has (40000)")
    parser.add_argument("--data", metavar="DIR", help="the data folder (data/benchmarks-SIZE)")
    parser.add_argument("--requests", type=int, default=60, help="how often each page is asked for (60)")
    parser.add_argument(
        "--count", type=int, help="how many check-ins are confirmed (200; a small city: less)"
    )
    parser.add_argument(
        "--register", type=int, default=1_000_000, help="import: how many people are there already (1000000)"
    )
    parser.add_argument(
        "--backlog", type=int, default=0, help="sync: drain a backlog so large as well (1000000)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    given = parser.parse_args()
    there = "; ".join(f"{name}: {what}" for name, what in BUILT.items())
    if given.name not in BUILT:
        refuse(f"{given.name!r} is not a benchmark. There is: {there}.")
    if not 100 <= given.size <= MOST_MEMBERS:
        refuse(f"--size is {given.size}; it must be from 100 to {MOST_MEMBERS}.")
    if given.requests < 10 or (given.count is not None and given.count < 10):
        refuse("--requests and --count must be at least 10: there is no p95 of less.")
    if found := [name for name in SERVERS_GIVEN if os.environ.get(name)]:
        refuse(f"it runs on the embedded engines of its own data folder only: unset {', '.join(found)}.")
    return given


def main() -> int:
    given = arguments()
    sizes = {
        "import": given.register,
        "statistics": given.size,
        "sync": "city",
    }  # a folder of its own, with people beside the city
    kind = f"{given.name}-{sizes[given.name]}" if given.name in sizes else given.size
    folder = Path(given.data or ROOT / f"data/benchmarks-{kind}").expanduser().resolve()
    os.environ |= {
        "HUIFENG_DATA": str(folder),
        "HUIFENG_MODE": "demo",
        "DJANGO_SETTINGS_MODULE": "huifeng.settings",
    }

    import django

    django.setup()
    from django.conf import settings

    if not settings.EMBEDDED:
        refuse("it runs on the embedded engines of its own data folder only.")
    from benchmarks.client import Failed
    from benchmarks.running import Refused, prepared

    module = importlib.import_module(f"benchmarks.{MODULES.get(given.name, given.name)}")
    city_of = getattr(module, "CITY", 0)
    count = given.count or max(10, min(200, given.size // 20))
    try:
        with prepared(
            folder,
            given.size,
            given.requests,
            count,
            say,
            city_of=city_of,
            register=given.register,
            backlog=given.backlog,
        ) as run:
            result = module.measure(run)
    except Refused as refused:
        refuse(str(refused))
    except Failed as failed:
        say(f"{failed}\nThe logs are in {folder / 'logs'}; a folder of another version has to be deleted.")
        return 1
    print("\n".join(result.lines()))
    if given.json:
        print(json.dumps(result.as_json(), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    with as_program("a benchmark"):
        sys.exit(main())
