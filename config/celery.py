"""The Celery app and the whole beat table. The database is the queue; beat is only the alarm clock."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("ebb")
app.conf.update(
    broker_url=settings.REDIS_URL or f"redis+socket://{settings.REDIS_SOCKET}",
    result_backend=None,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    enable_utc=True,
    # Tasks take no facts and may run twice, so a lost worker's task may simply come back.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=60,
    task_soft_time_limit=45,
    worker_max_tasks_per_child=200,
    worker_max_memory_per_child=400_000,
    worker_soft_shutdown_timeout=10,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=1,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
    # Without socket_timeout a worker behind a silent network hole never wakes again.
    broker_transport_options={
        "visibility_timeout": 900,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "retry_on_timeout": True,
        "health_check_interval": 10,
    },
    # A slow analysis must never hold up a reminder.
    task_default_queue="mail",
    task_routes={
        "tracker.tasks.judge_tonight": {"queue": "analysis"},
        "tracker.tasks.advise_tonight": {"queue": "analysis"},
        "tracker.tasks.take_over_files": {"queue": "analysis"},
        "tracker.tasks.make_summaries": {"queue": "analysis"},
    },
    beat_schedule={
        # More often than a round takes, so that on a morning of many the processes of the workers send without a break.
        "drain": {"task": "tracker.tasks.drain_reminders", "schedule": 5.0, "options": {"expires": 4}},
        "plan": {"task": "tracker.tasks.plan_reminders", "schedule": 300.0, "options": {"expires": 290}},
        "judge": {"task": "tracker.tasks.judge_tonight", "schedule": 300.0, "options": {"expires": 290}},
        "advise": {"task": "tracker.tasks.advise_tonight", "schedule": 300.0, "options": {"expires": 290}},
        "files": {"task": "tracker.tasks.take_over_files", "schedule": 10.0, "options": {"expires": 9}},
        "summaries": {"task": "tracker.tasks.make_summaries", "schedule": 5.0, "options": {"expires": 4}},
        "tidy": {"task": "tracker.tasks.tidy_up", "schedule": 3600.0, "options": {"expires": 3500}},
    },
    beat_scheduler="config.beat:DueAtStart",
)
app.autodiscover_tasks(["tracker"])
