"""The two marks of a send in one statement: that the last row was sent, and that the next one is being sent.

A row is marked started in a commit of its own before its text goes out, and at most one row of a worker is sent and not
yet marked so. Joining the two marks keeps both and halves the commits. Written as SQL, since this is the hot path.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import F, QuerySet

from tracker.models import Occurrence
from tracker.services import marks

State = Occurrence.State

_TABLE = Occurrence._meta.db_table
# The values go by their names, which on SQLite also costs Django far less than by their places.
_SENT = f"""
UPDATE {_TABLE} SET state = 'sent', sent_at = %(sent_at)s, told_by = %(told_by)s, n_sends = n_sends + 1, n_attempts = 0,
 n_retries = 0, because = '', lease_token = NULL, lease_until = NULL
WHERE id = %(last)s AND lease_token = %(token)s AND state = 'started'
"""
_START = f"""
UPDATE {_TABLE} SET state = 'started', started_at = %(at)s, message_id = %(message_id)s, lease_until = %(until)s,
 repeats_at = %(repeats_at)s
WHERE id = %(next)s AND lease_token = %(token)s AND state = 'claimed'
RETURNING id
"""
_BOTH = f"""
UPDATE {_TABLE} SET
 state = CASE WHEN state = 'started' THEN 'sent' ELSE 'started' END,
 sent_at = CASE WHEN state = 'started' THEN %(sent_at)s ELSE sent_at END,
 told_by = CASE WHEN state = 'started' THEN %(told_by)s ELSE told_by END,
 n_sends = CASE WHEN state = 'started' THEN n_sends + 1 ELSE n_sends END,
 n_attempts = CASE WHEN state = 'started' THEN 0 ELSE n_attempts END,
 n_retries = CASE WHEN state = 'started' THEN 0 ELSE n_retries END,
 because = CASE WHEN state = 'started' THEN '' ELSE because END,
 lease_token = CASE WHEN state = 'started' THEN NULL ELSE lease_token END,
 started_at = CASE WHEN state = 'started' THEN started_at ELSE %(at)s END,
 message_id = CASE WHEN state = 'started' THEN message_id ELSE %(message_id)s END,
 lease_until = CASE WHEN state = 'started' THEN NULL ELSE %(until)s END,
 repeats_at = CASE WHEN state = 'started' THEN repeats_at ELSE %(repeats_at)s END
WHERE lease_token = %(token)s AND (id = %(last)s AND state = 'started' OR id = %(next)s AND state = 'claimed')
RETURNING id
"""


@dataclass(kw_only=True)
class Ledger:
    """Of one worker and one batch. Whoever leaves it calls `close`."""

    token: uuid.UUID
    lease: timedelta
    patient_id: int | None = None
    # Of the row that was sent and is not marked yet.
    _unmarked: dict[str, Any] | None = None
    # The row that is about to be sent, until its mark is known to be made.
    _next: int | None = None
    _is_begun: bool = False
    _left: list[int] = field(default_factory=list)

    def turn_to(self, patient_id: int) -> None:
        """What decides on a row may look at the patient's other rows, so these are marked by then."""
        if patient_id == self.patient_id:
            self.flush()
        self.patient_id = patient_id

    def begin(self, pk: int, *, message_id: str, at: datetime, repeats_at: datetime | None = None) -> None:
        """Commit to sending this row. Its text may go out when `is_begun` has said so."""
        self._settle()
        values = {"next": pk, "at": self._instant(at), "message_id": message_id, "token": self._token}
        values |= {"until": self._instant(at + self.lease), "repeats_at": self._instant(repeats_at)}
        self._next, self._is_begun = pk, False
        if self._unmarked is None:
            self._marker.send(_START, values)
        else:
            self._marker.send(_BOTH, values | self._unmarked)

    def is_begun(self) -> bool:
        """False if the row is not this worker's any more."""
        self._settle()
        return self._is_begun

    def sent(self, pk: int, *, channels: str, at: datetime) -> None:
        """To be marked with the next start."""
        self.flush()
        self._unmarked = {"last": pk, "told_by": channels, "sent_at": self._instant(at)}

    def flush(self) -> None:
        self._settle()
        if self._unmarked is not None:
            end, self._unmarked = self._unmarked, None
            with connection.cursor() as cursor:
                cursor.execute(_SENT, end | {"token": self._token})

    def end(self, pk: int, *, state: str, because: str, **fields: Any) -> None:
        """The row comes to rest without being sent now: in a final state, or waiting again."""
        self._settle()
        self.mine(pk).update(state=state, because=because[:200], lease_token=None, lease_until=None, **fields)

    def wait(self, pk: int, *, until: datetime, because: str, **fields: Any) -> None:
        self.end(pk, state=State.PENDING, because=because, due_at=until, **fields)

    def reached(self, pk: int, *, told_by: str, given_up: str, at: datetime) -> None:
        """One of several channels has come to its end; marked at once, so that it is never used twice."""
        self._settle()
        told = {"sent_at": at} if told_by else {}
        self.mine(pk).update(told_by=told_by, given_up=given_up, **told)

    def spoilt(self, pk: int, *, until: datetime) -> None:
        """Something is wrong with the row itself. Nothing was sent: it comes back later, but not for ever."""
        self.wait(pk, until=until, because="error", n_attempts=F("n_attempts") + 1)

    def leave(self, pk: int) -> None:
        """Nothing can be done about this row now: it is given back at the end."""
        self._left.append(pk)

    def close(self, waiting: Collection[int]) -> None:
        """Mark what is sent, and give back the rows that were left, and those whose turn has not come."""
        self.flush()
        if left := [*waiting, *self._left]:
            claimed = Occurrence.objects.filter(pk__in=left, lease_token=self.token, state=State.CLAIMED)
            claimed.update(state=State.PENDING, lease_token=None, lease_until=None)

    def mine(self, pk: int) -> "QuerySet[Occurrence]":
        return Occurrence.objects.filter(pk=pk, lease_token=self.token)

    def _settle(self) -> None:
        if self._next is not None:
            begun, self._next = self._next, None
            made = self._marker.rows()
            self._is_begun = begun in made
            # Where the start failed, the row before it was sent all the same, and is marked without it.
            if self._unmarked is not None and self._unmarked["last"] in made:
                self._unmarked = None

    @cached_property
    def _marker(self) -> marks.Marker:
        # The one behind the name, which is looked up anew at each mention.
        return marks.marker(connections[DEFAULT_DB_ALIAS], (_START, _BOTH))

    @cached_property
    def _token(self) -> Any:
        return Occurrence._meta.get_field("lease_token").get_db_prep_value(self.token, connection)

    @cached_property
    def _instant(self) -> Callable[[datetime | None], Any]:
        return connection.ops.adapt_datetimefield_value
