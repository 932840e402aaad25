import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from huifeng.embedded import engines


class Command(BaseCommand):
    help = "Keep the engines of HUIFENG_DATA running until Ctrl-C, so that other commands find them warm."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATA:
            raise CommandError("Set HUIFENG_DATA to the data folder.")
        running = engines.use(settings.DATA)
        self.stdout.write(
            f"PostgreSQL on port {running.postgres_port}, Redis on port {running.redis_port}; Ctrl-C ends"
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            self.stdout.write("stopping")
