import contextlib
import threading
import time
from collections.abc import Iterator
from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from huifeng.accounts.models import User
from huifeng.jobs import progress, running
from huifeng.jobs.models import Job
from huifeng.keys import actions


class Command(BaseCommand):
    help = (
        "Seal everything again that is not sealed with the newest key, and make blind indexes anew. Safe to kill and to"
        " repeat. Exit 1: something is left under an old key, or it was not done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *, json: bool, **options: Any) -> None:
        job = actions.start(by=User.objects.system())
        with self._telling(job.pk):
            while job.is_open:
                if running.run(job.pk) is None:
                    time.sleep(0.5)  # a worker is at it
                job.refresh_from_db()
                if job.is_open and job.attempts >= running.MOST_ATTEMPTS and not running.held_among([job.pk]):
                    running.give_up(job.pk)
                    job.refresh_from_db()
        if job.state != Job.State.DONE or job.result is None:
            raise CommandError(job.error or job.get_state_display())
        if json:
            self.stdout.write(dumps({"job": job.pk, **job.result}, ensure_ascii=False))
        else:
            self._say(job.result)
        if job.result["left"]:
            raise SystemExit(1)

    def _say(self, result: dict[str, Any]) -> None:
        self.stdout.write(
            f"已换到 {result['field_key']}、{result['index_key']}：重新加密 {result['resealed']} 个值，"
            f"重建索引 {result['reindexed']} 个，{result['seconds']} 秒；旧密钥下还有 {result['left']} 个。"
        )
        for why, number in result["left_because"].items():
            self.stdout.write(f"  {why}: {number}")
        for what, day in result["old_index_keys_needed_until"].items():
            self.stdout.write(f"  旧索引密钥请留到 {day}（{what}）")

    @contextlib.contextmanager
    def _telling(self, job_id: int) -> Iterator[None]:
        """Say on standard error every two seconds how far it is, whoever does it."""
        over = threading.Event()

        def tell() -> None:
            while not over.wait(2):
                how_far = progress.of(job_id)
                self.stderr.write(f"{how_far.done}/{how_far.total} {how_far.words}")

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
