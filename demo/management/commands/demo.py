import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from demo import filling
from demo.accounts import TITLES
from demo.city.fill import counts
from demo.city.systems import words_of
from demo.models import DemoCity
from huifeng.audit import anchoring, sealing, verifying
from huifeng.embedded import supervisor
from huifeng.errors import RuleBroken
from members.duplicates.finding import search

HOST = "127.0.0.1"
MOST_MEMBERS = 2_000_000


class Command(BaseCommand):
    help = "Sets up everything in a data folder, fills a fictional city, and runs web, worker and beat."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--members", type=int, default=40_000, help="how many retirees (40000)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--data", metavar="DIR", help="the data folder (HUIFENG_DATA, else one of its own)"
        )
        parser.add_argument("--seed", type=int, default=1, help="another seed, another city")
        parser.add_argument("--no-serve", action="store_true", help="set up and fill only")
        parser.add_argument(
            "--reset", action="store_true", help="throw away what is there and start over; asks nothing"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object when ready, on the last line"
        )

    def handle(self, *, members: int, port: int, seed: int, reset: bool, **options: Any) -> None:
        began = time.monotonic()
        if not settings.EMBEDDED:
            raise CommandError("The demo runs on the engines of a data folder only: unset DATABASE_URL.")
        if not 1 <= members <= MOST_MEMBERS:
            raise CommandError(f"--members is {members}; it must be from 1 to {MOST_MEMBERS}.")
        serve, data = not options["no_serve"], Path(settings.DATA).resolve()
        with supervisor.only_one(data):
            if serve:
                supervisor.require_free_port(port)
            city = self._set_up(data, members, seed, reset)
            facts = {
                "url": f"http://{HOST}:{port}",
                "data": str(data),
                "accounts": [_in_order(account) for account in city.accounts],
                "counts": counts(),
                "tokens": {role: words_of(role) for role in ("unit", "community")},
            }
            connections.close_all()

            def tell() -> None:
                self._tell(facts | {"seconds": round(time.monotonic() - began, 1)}, options["json"], serve)

            if not serve:
                tell()
                return
            sys.exit(self._serve(data, port, tell))

    def _set_up(self, data: Path, members: int, seed: int, reset: bool) -> DemoCity:
        self._say(f"data folder {data}")
        if reset:
            filling.start_over(str(data))
            self._say("the former database is gone")
        filling.migrate(self._say)
        known = DemoCity.objects.first()
        if known is None:
            self._say(f"filling a city of {members} people, seed {seed}")
        try:
            city = filling.fill(members, seed=seed, today=timezone.localdate(), say=self._say)
        except RuleBroken as refused:
            raise CommandError(refused.message) from refused
        if known is None:
            filling.analyse()
            filling.live_on(city)
            self._say(f"suspected duplicates: {search()} pairs")
            self._say(f"audit sealed: {sealing.seal()} entries")
            anchoring.anchor()
            self._say(f"audit verified: {len(verifying.verify().broken)} broken")
            self._say(f"filled in {city.seconds} s")
        elif (city.members, city.seed) != (members, seed):
            self._say(
                f"kept the city that is there ({city.members} people, seed {city.seed});"
                " --reset makes a new one"
            )
        return city

    def _serve(self, data: Path, port: int, tell: Callable[[], None]) -> int:
        os.environ.setdefault("HUIFENG_BASE_URL", f"http://localhost:{port}")
        self._say("starting web, worker and beat")
        return supervisor.supervise(
            [
                supervisor.web(port, host=HOST),
                supervisor.worker(),
                supervisor.jobs_worker(),
                supervisor.beat(data),
            ],
            data=data,
            ready_url=f"http://{HOST}:{port}/readyz",
            on_ready=tell,
        )

    def _tell(self, facts: dict[str, Any], as_json: bool, serve: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            self.stdout.write(_as_text(facts, serve))
        self.stdout.flush()

    def _say(self, words: str) -> None:
        self.stderr.write(f"demo: {words}", self.style.NOTICE if self.stderr.isatty() else None)
        self.stderr.flush()


def _in_order(account: dict[str, str]) -> dict[str, str]:
    """The keys as documented first; the database keeps them in an order of its own."""
    first = ("role", "login", "password", "home", "organisation")
    return {**{key: account[key] for key in first}, **account}


def _as_text(facts: dict[str, Any], serve: bool) -> str:
    counts = facts["counts"]
    lines = [
        "",
        "惠风家园演示已就绪。人和事都是编的。" if serve else "惠风家园演示数据已备好。人和事都是编的。",
        f"  网址 / address      {facts['url']}/login/" if serve else "  启动 / to serve     bin/demo",
        f"  数据 / data         {facts['data']}",
        f"  老同志 / retirees   {counts['retirees']:,}；报到 / check-ins {counts['checkins']:,}；"
        f"社区 / communities {counts['communities']:,}；单位 / units {counts['units']:,}",
        f"  用时 / seconds      {facts['seconds']}",
        "  账号 / accounts（手机号登录的，6 位数字在 / codes are in /demo/outbox/）",
    ]
    for account in facts["accounts"]:
        login = f"{account['login']} {account['password']}".strip()
        lines.append(
            f"    {account['role']:<18} {login:<32} {TITLES[account['role']]} {account['organisation']}"
        )
    lines.append("  接口令牌 / API tokens（docs/api.md）")
    lines += [f"    {role:<18} {words}" for role, words in facts["tokens"].items()]
    return "\n".join(lines)
