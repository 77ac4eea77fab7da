from celery.beat import Scheduler
from django.utils import timezone


class DueAtStart(Scheduler):
    """Keeps no file: every job is due when beat starts, so that nothing waits out its interval after a night off."""

    def setup_schedule(self) -> None:
        super().setup_schedule()
        long_ago = timezone.datetime(1970, 1, 1, tzinfo=timezone.utc)
        for entry in self.schedule.values():
            entry.last_run_at = long_ago
