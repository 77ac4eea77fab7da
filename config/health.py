"""Two probes: `/healthz` says that the process lives, `/readyz` that everything around it does too."""

from collections.abc import Callable
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from tracker.models import Tick

BROKER_SECONDS = 1
# Four beats or more of each job in the beat table.
OLDEST_TICK = {
    "drain": timedelta(minutes=3),
    "plan": timedelta(minutes=20),
    "files": timedelta(minutes=30),  # shares a worker with judge, and a large file takes minutes
    "judge": timedelta(hours=1),
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
    checks = {"broker": broker_answers(), **database_checks(at=timezone.now())}
    is_ready = all(checks.values())
    return JsonResponse({"status": "ready" if is_ready else "not ready", **checks}, status=200 if is_ready else 503)


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
