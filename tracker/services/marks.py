"""How a mark of the ledger reaches the database: on SQLite by a plain call, on PostgreSQL while this process goes on.

PostgreSQL takes longer for one mark than it takes to write a mail, so the statement is prepared once for a connection,
handed over, and its answer read when it is needed. Any other statement on the connection waits for that answer first;
a transaction does not, so none may begin meanwhile.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol
from weakref import WeakSet

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

Values = Mapping[str, Any]

# The type of each value: in an expression of several branches PostgreSQL would take it for text.
_TYPES = {
    "next": "int8",
    "last": "int8",
    "token": "uuid",
    "at": "timestamptz",
    "until": "timestamptz",
    "repeats_at": "timestamptz",
    "sent_at": "timestamptz",
    "message_id": "text",
    "told_by": "text",
}


class Marker(Protocol):
    def send(self, sql: str, values: Values) -> None: ...

    def rows(self) -> set[int]: ...


class InTurn:
    """Made when its answer is asked for."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.cursor = connection.cursor()

    def send(self, sql: str, values: Values) -> None:
        self._waiting = (sql, values)

    def rows(self) -> set[int]:
        self.cursor.execute(*self._waiting)
        return {pk for (pk,) in self.cursor.fetchall()}


class Meanwhile:
    """Made by the server from the moment it is sent."""

    _prepared: "WeakSet[psycopg.Connection[Any]]" = WeakSet()

    def __init__(self, connection: BaseDatabaseWrapper, statements: Sequence[str]) -> None:
        self.connection, self.statements = connection, statements
        self._rows: set[int] | None = set()

    def send(self, sql: str, values: Values) -> None:
        self._rows = set()
        self.connection.ensure_connection()
        # Before it is sent: whatever interrupts this, the next statement finds the connection free.
        self._rows = None
        self.connection.execute_wrappers.append(self._after_it)
        with self.connection.wrap_database_errors:
            if self.connection.connection not in self._prepared:
                self._prepare()
            name, _text, names = _numbered(sql)
            self._link.send_query_prepared(name, [_as_text(values[wanted]) for wanted in names])
            self._link.flush()
        if self.connection.queries_logged:
            self.connection.queries_log.append({"sql": sql, "time": "while going on"})

    def rows(self) -> set[int]:
        if self._rows is None:
            self.connection.execute_wrappers.remove(self._after_it)
            self._rows = set()
            with self.connection.wrap_database_errors:
                self._rows = self._answer()
        return self._rows

    def _answer(self) -> set[int]:
        rows, error = set(), None
        while (result := self._link.get_result()) is not None:
            if result.status == ExecStatus.TUPLES_OK:
                rows |= {int(result.get_value(n, 0) or 0) for n in range(result.ntuples)}
            else:
                error = psycopg.errors.error_from_result(result)
        if error is not None:
            raise error
        return rows

    def _after_it(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.rows()
        return execute(*args)

    def _prepare(self) -> None:
        for name, text, names in map(_numbered, self.statements):
            types = [psycopg.postgres.types[_TYPES[wanted]].oid for wanted in names]
            result = self._link.prepare(name, text, types)
            if result.status != ExecStatus.COMMAND_OK:
                error = psycopg.errors.error_from_result(result)
                # One of the two may be known from an attempt that broke off at the other.
                if not isinstance(error, psycopg.errors.DuplicatePreparedStatement):
                    raise error
        self._prepared.add(self.connection.connection)

    @property
    def _link(self) -> PGconn:
        return self.connection.connection.pgconn


def marker(connection: BaseDatabaseWrapper, statements: Sequence[str]) -> Marker:
    return Meanwhile(connection, statements) if connection.vendor == "postgresql" else InTurn(connection)


@cache
def _numbered(sql: str) -> tuple[bytes, bytes, list[str]]:
    """A name for the statement, its text with numbers in place of names, and those names in order."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    text = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", sql)
    return f"ebb_{'_'.join(names)}"[:63].encode(), text.encode(), names


def _as_text(value: Any) -> bytes | None:
    return None if value is None else str(value).encode()
