"""Everything Ebb needs, in one terminal: web, workers, beat and, without REDIS_URL, a broker of its own."""

import os
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connections

from config import embedded_redis, static_files
from config.supervisor import (
    Service,
    Supervisor,
    SupervisorError,
    answers_http,
    answers_redis,
    only_one,
    require_free_port,
    require_shared_memory,
    until,
)

CELERY = [sys.executable, "-m", "celery", "--app", "config.celery"]
WORKER = [*CELERY, "worker", "--loglevel", "INFO", "--pool", "prefork", "--without-gossip", "--without-mingle"]


class Command(BaseCommand):
    help = "Starts Ebb: web, workers, beat and, without REDIS_URL, an embedded Redis. Ctrl-C stops it."

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)  # health data: nobody else on this machine reads them
        logs = settings.VAR / "log"
        supervisor = Supervisor(logs=logs, cwd=settings.BASE_DIR, environment=os.environ, say=self.say)
        try:
            with only_one(settings.VAR / "up.lock"):
                require_free_port(settings.EBB_HOST, settings.EBB_PORT)
                require_shared_memory()
                with supervisor.running():
                    self.prepare(supervisor)
                    for service in services():
                        supervisor.start(service)
                    self.say(ready_line())
                    supervisor.watch()
                self.say("Ebb has stopped.")
        except SupervisorError as error:
            raise CommandError(str(error)) from None

    def prepare(self, supervisor: Supervisor) -> None:
        self.say("Bringing the database up to date ...")
        call_command("migrate", interactive=False, verbosity=0)
        supervisor.check()
        static_files.collect()
        supervisor.check()
        if settings.LOCAL_MODE:
            self.say("Making sure that Dana, the demonstration patient, is there ...")
            call_command("demo", verbosity=0)
        elif not settings.EMAIL_URL:
            self.say(
                "No mail will reach anybody: set EMAIL_URL to a mail server, such as smtp+tls://user:password@host."
            )
        connections.close_all()  # an open connection would keep SQLite's write-ahead log from being folded in
        supervisor.check()
        self.say("Starting web, workers and beat ...")

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()  # the output may be a pipe


def services() -> list[Service]:
    host, port = settings.EBB_HOST, str(settings.EBB_PORT)
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", port]
    granian += ["--workers", "1", "--blocking-threads", "4", "--workers-kill-timeout", "5", "config.wsgi:application"]
    broker = [
        Service(
            name="redis",
            argv=embedded_redis.command(settings.REDIS_SOCKET),
            stage=0,
            wait_until_ready=lambda check: until(
                lambda: answers_redis(settings.REDIS_SOCKET), what="The embedded Redis", check=check
            ),
        )
    ]
    return [
        *([] if settings.REDIS_URL else broker),
        Service(name="worker-mail", argv=[*WORKER, "-Q", "mail", "-c", "2", "-n", "mail@%h"], stage=2),
        Service(name="worker-analysis", argv=[*WORKER, "-Q", "analysis", "-c", "1", "-n", "analysis@%h"], stage=2),
        Service(name="beat", argv=[*CELERY, "beat", "--loglevel", "INFO", "--pidfile", ""], stage=3),
        Service(
            name="web",
            argv=granian,
            stage=1,
            death_signal=signal.SIGTERM,  # granian ends its own workers, which know nothing of the supervisor
            wait_until_ready=lambda check: until(web_answers, what="The web server", check=check),
        ),
    ]


def web_answers() -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.EBB_HOST, settings.EBB_HOST)
    return answers_http(host, settings.EBB_PORT, "/healthz")


def ready_line() -> str:
    if not settings.LOCAL_MODE:
        return f"Ebb is ready: {settings.SITE_URL}/ (Ctrl-C stops it)"
    return (
        f"Ebb is ready: {settings.SITE_URL}/ - press 'Look around as Dana, the demonstration patient' on the start "
        f"page; mail is at {settings.SITE_URL}/mailbox/ (Ctrl-C stops it)"
    )
