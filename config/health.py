"""Two probes: `/healthz` says that the process lives, `/readyz` that everything around it does too."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from tracker.models import Tick
from tracker.services import figures

BROKER_SECONDS = 1
FIGURES, FIGURES_KEPT_S = "figures-of-the-work", 30  # they cost more than the rest of a probe
# Four beats or more of each job in the beat table.
OLDEST_TICK = {
    "drain": timedelta(minutes=3),
    "plan": timedelta(minutes=20),
    "files": timedelta(minutes=30),  # shares a worker with judge, and a large file takes minutes
    "judge": timedelta(hours=1),
    "advise": timedelta(hours=1),
    "summaries": timedelta(hours=1),
    "tidy": timedelta(hours=4),
}


def probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Before all other middleware: a probe comes by any host name, without TLS, and wants no session."""
    views = {"/healthz": live, "/readyz": ready}

    def middleware(request: HttpRequest) -> HttpResponse:
        return views.get(request.path, get_response)(request)

    return middleware


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    at = timezone.now()
    checks = {"broker": broker_answers(), **database_checks(at=at)}
    is_ready = all(checks.values())
    told = {"status": "ready" if is_ready else "not ready", **checks}
    if checks["migrations"]:
        with suppress(DatabaseError):
            told |= cache.get_or_set(FIGURES, lambda: work_figures(at=at), FIGURES_KEPT_S)
    return JsonResponse(told, status=200 if is_ready else 503)


def work_figures(*, at: datetime) -> dict[str, dict[str, object]]:
    """For a watcher that cannot log in. Whoever comes by may read it: nothing here says how any patient fares."""
    judging, reminders = figures.judging(at=at), figures.reminders(at=at)
    return {
        "judging": {
            "tick_age_s": age_s(judging.ticked_at, at=at),
            "due": judging.n_due,
            "oldest_due": judging.oldest_due,
            "judged": judging.n_judged,
            "failed": judging.n_failed,
            "worked_s": round(judging.worked.total_seconds()),
            "leases": judging.n_leases,
            "leases_lost": judging.n_leases_lost,
            "policy_version": judging.policy_version,
        },
        "reminders": {
            "tick_age_s": age_s(reminders.ticked_at, at=at),
            "pending": reminders.n_pending,
            "late": reminders.n_late,
            "ambiguous": reminders.n_ambiguous,
            "failed": reminders.n_failed,
            "oldest_due_age_s": age_s(reminders.oldest_due_at, at=at),
            "next_due_at": reminders.next_due_at,
            "by_hour": [
                {
                    "from": hour.began_at,
                    "sent": hour.by_state["sent"],
                    "pending": hour.n_open,
                    "late": hour.by_state["skipped_late"],
                    "ambiguous": hour.n_ambiguous,
                    "failed": hour.by_state["failed"],
                }
                for hour in reminders.hours
            ],
        },
    }


def age_s(then: datetime | None, *, at: datetime) -> int | None:
    return None if then is None else round((at - then).total_seconds())


def database_checks(*, at: datetime) -> dict[str, bool]:
    try:
        migrated = is_migrated()
        return {"database": True, "migrations": migrated, "jobs": migrated and jobs_tick(at=at)}
    except DatabaseError:
        return {"database": False, "migrations": False, "jobs": False}


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def jobs_tick(*, at: datetime) -> bool:
    """Each periodic job came to its end lately: beat, broker and both workers live."""
    ticks = dict(Tick.objects.values_list("name", "ticked_at"))
    return all(name in ticks and at - ticks[name] < oldest for name, oldest in OLDEST_TICK.items())


def broker_answers() -> bool:
    url = settings.REDIS_URL or f"unix://{settings.REDIS_SOCKET}"
    try:
        with redis.Redis.from_url(
            url, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS, retry=None
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
