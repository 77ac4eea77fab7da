import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.conftest import require
from tests.faults.house import House, open_house
from tests.postgres import CRASH_SAFE, PostgresMissing, Server, find_binaries, running_postgres

FULL = bool(os.environ.get("EBB_FULL"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database as it is before anybody has an account."""
    var = tmp_path_factory.mktemp("migrated") / "var"
    with open_house(var) as house:
        house.migrate()
    return var / "ebb.sqlite3"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose first database is as it is before anybody has an account."""
    try:
        find_binaries()
    except PostgresMissing as reason:
        require(False, str(reason))
    with running_postgres(CRASH_SAFE) as server:
        with open_house(tmp_path_factory.mktemp("migrated") / "var", database_url=server.url()) as house:
            house.migrate()
        yield server


@pytest.fixture
def on_sqlite(tmp_path: Path, migrated: Path) -> Iterator[House]:
    with open_house(tmp_path / "var") as house:
        shutil.copy(migrated, house.var)
        yield house


@pytest.fixture
def on_postgres(tmp_path: Path, postgres: Server) -> Iterator[House]:
    name = f"house_{uuid4().hex[:12]}"
    with psycopg.connect(dbname="template1", user="ebb", host=str(postgres.folder), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE postgres")
    with open_house(tmp_path / "var", database_url=postgres.url(name)) as house:
        yield house


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def house(request: pytest.FixtureRequest) -> House:
    """An Ebb of processes on each database."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """One line of JSON with the figures of a full run, whether or not they are good enough."""

    def tell(acceptance: str, **figures: object) -> None:
        if FULL:
            with capsys.disabled():
                print("\n" + json.dumps({"acceptance": acceptance} | figures), flush=True)

    return tell
