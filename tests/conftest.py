import os
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
PASSWORD = "a long walk by the sea"


def pytest_configure() -> None:
    # Argon2 is slow by design, and no test is about its strength.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Pages name static files by their plain names; tests/test_setup.py collects and hashes them for real.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STATIC_ROOT.mkdir(exist_ok=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that commits empties every table at its end: what the migrations seeded is put back before the next."""
    if connection.vendor == "postgresql":
        left_out = {item for item in items if comes_out_the_same_on_both_databases(item)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        marker = item.get_closest_marker("django_db")
        fixtures = getattr(item, "fixturenames", ())
        if (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(fixtures):
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)


def comes_out_the_same_on_both_databases(item: pytest.Item) -> bool:
    """Marked so, or without a database: all of them run on SQLite."""
    asks_for_it = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    named = any(item.get_closest_marker(name) for name in ("django_db", "postgres", "processes"))
    return bool(item.get_closest_marker("once")) or not (asks_for_it or named)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    from tests.postgres import PostgresMissing, find_binaries

    terminalreporter.write_line(f"Database of this run: {settings.DATABASES['default']['ENGINE'].rsplit('.')[-1]}")
    try:
        find_binaries()
    except PostgresMissing as reason:
        terminalreporter.write_line(f"SKIPPED tests on PostgreSQL: {reason}")


def require(condition: bool, reason: str) -> None:
    """Skips, or fails where everything has to run (CI)."""
    if not condition:
        pytest.fail(reason) if os.environ.get("EBB_REQUIRE_ALL") else pytest.skip(reason)


@pytest.fixture
def at_noon() -> Iterator[None]:
    """For what means "today" by the server's clock and the patient's alike: near midnight these are two days."""
    noon = timezone.now().replace(hour=12, minute=0)
    with time_machine.travel(noon):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """SQLite in a file, as in real life: in memory it has no WAL and no locks."""
    if connection.vendor == "sqlite":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        settings.DATABASES["default"]["TEST"]["NAME"] = str(settings.VAR / f"test-{worker}.sqlite3")


@pytest.fixture(autouse=True)
def _only_the_right_database(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test talks to the world; those marked may talk to servers on this machine."""
    may_use_loopback = any(request.node.get_closest_marker(name) for name in ("browser", "processes"))

    def guard(name: str) -> None:
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any) -> Any:
            is_loopback = self.family != socket.AF_UNIX and address[0] in LOOPBACK
            if self.family == socket.AF_UNIX or (may_use_loopback and is_loopback):
                return original(self, address)
            raise AssertionError(f"a test reached for the network: {address}")

        monkeypatch.setattr(socket.socket, name, guarded)

    guard("connect")
    guard("connect_ex")


class Person(NamedTuple):
    """A user with an open record, and how to log in as them."""

    user: Any
    email: str
    password: str

    @property
    def patient(self) -> Any:
        return self.user.patient


def open_person(name: str) -> Person:
    from allauth.account.models import EmailAddress

    from tracker.models import User
    from tracker.services import accounts

    email = f"{name}@example.org"
    user = User.objects.create_user(email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    accounts.open_record(
        by=user, is_adult=True, consents=True, at=timezone.now(), zone="Europe/Berlin", display_name=name.title()
    )
    return Person(user, email, PASSWORD)


@pytest.fixture
def alice(db: None) -> Person:
    """The patient."""
    return open_person("alice")


@pytest.fixture
def bob(db: None) -> Person:
    """Whom alice shares with."""
    return open_person("bob")


@pytest.fixture
def charlie(db: None) -> Person:
    """A stranger."""
    return open_person("charlie")


def client_for(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


@pytest.fixture
def alice_client(alice: Person) -> Client:
    return client_for(alice)


@pytest.fixture
def charlie_client(charlie: Person) -> Client:
    return client_for(charlie)
