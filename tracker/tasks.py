"""What beat rings for. No task takes an argument: the database knows what is due."""

from celery import shared_task
from django.utils import timezone

from tracker.services import delivery, reminders


@shared_task
def plan_reminders() -> None:
    reminders.plan(at=timezone.now())


@shared_task
def drain_reminders() -> None:
    delivery.drain(clock=timezone.now)
