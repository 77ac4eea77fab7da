"""What beat rings for. No task takes an argument: the database knows what is due."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from tracker.services import advice, delivery, import_files, nights, reminders, summaries

logger = logging.getLogger(__name__)


@shared_task
def plan_reminders() -> None:
    reminders.plan(at=timezone.now())


@shared_task
def drain_reminders() -> None:
    """Where one process is not enough it calls another, which does the same: in a moment all that are free send."""
    if delivery.wants_help(at=timezone.now()):
        try:
            drain_reminders.apply_async_on_commit(expires=4)
        except OperationalError as error:
            logger.warning("no other process could be called: %s", error)
    delivery.drain(clock=timezone.now)


@shared_task
def tidy_up() -> None:
    import_files.forget_left_lying(at=timezone.now())
    summaries.forget_old(at=timezone.now())
    nights.forget_old(at=timezone.now())


# Under the lease of a file, so that a worker that is stopped for its slowness can no longer hold one.
@shared_task(soft_time_limit=480, time_limit=540)
def take_over_files() -> None:
    import_files.take_over_due(clock=timezone.now)


# Under the lease of a summary.
@shared_task(soft_time_limit=240, time_limit=270)
def make_summaries() -> None:
    summaries.make_due(clock=timezone.now)


# Its own limits: many patients take minutes. Still under the broker's visibility timeout, and killed it loses nothing.
@shared_task(soft_time_limit=780, time_limit=840)
def judge_tonight() -> None:
    from tracker.services import judging  # loads NumPy, which only this worker needs

    judging.judge_due(clock=timezone.now)


@shared_task(soft_time_limit=780, time_limit=840)
def advise_tonight() -> None:
    advice.advise_due(at=timezone.now())
