"""Adding the verdicts of a night to the table: append-only, and a row that is there stays as it is.

Written past the ORM because its inserts take longer than the judging: thousands of rows of two dozen columns a chunk.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from tracker.domain.verdict import Judgement, Reason
from tracker.models import Verdict
from tracker.services.trials import TrialLog

TABLE = Verdict._meta.db_table
COLUMNS = tuple(field.attname for field in Verdict._meta.concrete_fields if not field.primary_key)
NOT_STORED = ("days_logged_recently", "days_logged_lately")


class Judged(NamedTuple):
    """An attempt's log, what it says, and the reason to tell."""

    log: TrialLog
    judgement: Judgement
    reason: Reason | None


def add(judged: Iterable[Judged], *, on: date, at: datetime) -> None:
    """Store a verdict for each attempt. Inside a transaction."""
    night = {
        "as_of": connection.ops.adapt_datefield_value(on),
        "computed_at": connection.ops.adapt_datetimefield_value(at),
    }
    rows = [_row(*one) | night for one in judged]
    _insert([tuple(map(row.__getitem__, COLUMNS)) for row in rows])


def _row(log: TrialLog, judgement: Judgement, reason: Reason | None) -> dict[str, Any]:
    row = vars(judgement) | {
        "attempt_id": log.attempt.pk,
        "outcome": judgement.outcome.value,
        "reason": reason.value if reason else "",
        "baseline": judgement.baseline.value,
        "confounded_with": json.dumps(log.mixed_with),
        "inputs_digest": log.digest(policy_version=judgement.policy_version),
    }
    for name in NOT_STORED:
        del row[name]
    return row


def _insert(rows: Sequence[tuple[Any, ...]]) -> None:
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE TEMPORARY TABLE new_verdict ON COMMIT DROP AS SELECT {names} FROM {TABLE} WITH NO DATA"
            )
            with cursor.copy(f"COPY new_verdict ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(f"INSERT INTO {TABLE} ({names}) SELECT {names} FROM new_verdict ON CONFLICT DO NOTHING")
            cursor.execute("DROP TABLE new_verdict")
            return
        marks = ", ".join(["%s"] * len(COLUMNS))
        cursor.executemany(f"INSERT INTO {TABLE} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows)
