import socket
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config import celery, health
from tracker.models import Tick


@pytest.fixture
def broker_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "broker_answers", lambda: True)


def test_a_living_process_says_so_without_touching_the_database() -> None:
    assert Client().get("/healthz").json() == {"status": "alive"}


def test_a_probe_may_come_by_any_host_name() -> None:
    assert Client().get("/healthz", headers={"host": "10.1.2.3"}).status_code == 200


@pytest.mark.django_db
def test_not_ready_while_the_broker_is_away() -> None:
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["broker"] is False
    assert response.json()["database"] is True


@pytest.mark.django_db
@pytest.mark.usefixtures("broker_up")
def test_not_ready_before_the_first_tick() -> None:
    assert Client().get("/readyz").json()["jobs"] is False


@pytest.mark.django_db
@pytest.mark.usefixtures("broker_up")
@pytest.mark.parametrize("name", health.OLDEST_TICK)
def test_not_ready_when_one_job_has_stood_still(name: str) -> None:
    tick(timezone.now())
    Tick.objects.filter(name=name).update(ticked_at=timezone.now() - health.OLDEST_TICK[name])
    assert Client().get("/readyz").json()["jobs"] is False


@pytest.mark.django_db
@pytest.mark.usefixtures("broker_up")
def test_ready_when_broker_database_migrations_and_jobs_are() -> None:
    tick(timezone.now() - timedelta(seconds=20))
    response = Client().get("/readyz")
    assert response.status_code == 200
    told = response.json()
    figures = {name: told.pop(name) for name in ("judging", "reminders")}
    assert told == {"status": "ready", "broker": True, "database": True, "migrations": True, "jobs": True}
    assert figures["judging"]["due"] == 0


def tick(at: datetime) -> None:
    Tick.objects.bulk_create(Tick(name=name, ticked_at=at) for name in health.OLDEST_TICK)


def test_every_job_of_the_beat_table_is_watched() -> None:
    assert set(health.OLDEST_TICK) == set(celery.app.conf.beat_schedule)


def test_the_network_is_out_of_reach_of_a_test() -> None:
    with pytest.raises(AssertionError, match="reached for the network"), socket.socket() as client:
        client.connect(("127.0.0.1", 9))


def test_three_people_are_at_hand(alice, bob, charlie) -> None:
    assert len({person.patient.pk for person in (alice, bob, charlie)}) == 3


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_database_is_postgres() -> None:
    from django.db import connection

    assert connection.vendor == "postgresql"
