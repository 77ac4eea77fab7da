from datetime import UTC, datetime

from celery.beat import Scheduler

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class DueAtStart(Scheduler):
    """Keeps no file: every job is due when beat starts, so that nothing waits out its interval after a night off."""

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = LONG_AGO
