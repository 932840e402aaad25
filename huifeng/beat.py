"""Beat on a machine whose clock may be corrected.

Celery's beat keeps, also over a restart, when each entry ran last and runs next, by the wall clock. Set back by three
hours, that clock lets it send nothing for three hours: no notice, no text, no job taken up. Whatever beat starts may
run twice, so what "ran" in the future counts as run just now.
"""

from typing import Any

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    def tick(self, *args: Any, **kwargs: Any) -> float:
        """As Celery's; seconds until the next one is wanted."""
        if self._put_right():
            self._heap = None  # what comes next is reckoned anew
        return super().tick(*args, **kwargs)

    def _put_right(self) -> bool:
        """Bring last runs that lie in the future back to now; whether there were any."""
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > entry.default_now()]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        return bool(ahead)
