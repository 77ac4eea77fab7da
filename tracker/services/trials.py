"""The pain log of an attempt as the verdict needs it: read for many attempts at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import blake2b
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Aggregate, Count, QuerySet, TextField
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from tracker.domain import trial_policy as policy
from tracker.domain.verdict import Outcome, Overlap, Trial, confounded
from tracker.domain.verdict_together import Course, together
from tracker.models import EntrySite, PainEntry, TreatmentAttempt, TreatmentDay
from tracker.services.treatments import LONGEST_TRIAL

DIGEST_BYTES = 16  # of what a verdict was computed from; told as 32 hexadecimal digits

Ints = NDArray[np.integer]


class PackedRatings(Aggregate):
    """All ratings of a group in one text of numbers, each `ordinal of the local day * 16 + NRS`.

    One row a patient instead of one a day: reading is several times faster, the adding up is NumPy's.
    """

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        # 1721424.5 is the Julian day of the day before the first of the calendar
        return self._sql(compiler, "GROUP_CONCAT(CAST(julianday({day}) - 1721424.5 AS INTEGER) * 16 + {nrs}, ' ')")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        return self._sql(compiler, "STRING_AGG((({day} - DATE '0001-01-01' + 1) * 16 + {nrs})::text, ' ')")

    def _sql(self, compiler: Any, template: str) -> tuple[str, tuple[Any, ...]]:
        (day, day_params), (nrs, nrs_params) = (compiler.compile(column) for column in self.source_expressions[:2])
        return template.format(day=day, nrs=nrs), (*day_params, *nrs_params)


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherAttempt:
    pk: int
    uuid: UUID
    course: Course
    has_paused: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class TrialLog:
    """What one attempt is judged from. Day 0 is the first logged day that is read, or the start."""

    attempt: TreatmentAttempt
    course: Course
    others: Sequence[OtherAttempt]
    first_day: int  # ordinal of day 0
    ratings: Ints  # (n_days, 2) sum and number of the ratings of each day, 0 where none was given

    @property
    def mixed_with(self) -> list[str]:
        """Uuids of the attempts that began too near."""
        return [str(self.others[place].uuid) for place in self._overlaps]

    @property
    def is_paired(self) -> bool:
        """Begun so near another that one verdict holds for both."""
        return Overlap.PAIR in self._overlaps.values()

    def digest(self, until: int | None = None, *, policy_version: str = policy.POLICY_VERSION) -> str:
        """Of all that counts up to the ordinal day `until`, or to the last day read. An edit changes it."""
        n_days = len(self.ratings) if until is None else max(until - self.first_day + 1, 0)
        courses = [(c.start, c.stop, c.onset_days, c.trial_days) for c in self._courses(n_days)]
        facts = [policy_version, self.first_day, *courses, self.attempt.recalled_nrs]
        digest = blake2b(repr(facts).encode(), digest_size=DIGEST_BYTES)
        digest.update(self.ratings[:n_days].tobytes())
        return digest.hexdigest()

    def trial(self, previous: Outcome | None = None) -> Trial:
        sums, counts = self.ratings.T
        trial, _ = together(
            sums / np.where(counts, counts, np.nan),
            counts,
            self._courses(len(self.ratings)),
            recalled=self.attempt.recalled_nrs,
            previous=previous,
        )
        return trial

    def _courses(self, n_days: int) -> list[Course]:
        """This one and then the others that had begun, as they were known on the last of so many days."""
        return [
            course if course.stop is None or course.stop < n_days else replace(course, stop=None)
            for place, course in enumerate(self._counted_from_day_0)
            if place == 0 or course.start < n_days
        ]

    @cached_property
    def _counted_from_day_0(self) -> list[Course]:
        return [
            replace(
                course,
                start=course.start - self.first_day,
                stop=None if course.stop is None else course.stop - self.first_day,
            )
            for course in (self.course, *(other.course for other in self.others))
        ]

    @cached_property
    def _overlaps(self) -> dict[int, Overlap]:
        """By place among the others."""
        courses = [self.course, *(other.course for other in self.others)]
        pairs = confounded([date.fromordinal(course.start) for course in courses])
        return {pair.second - 1: pair.overlap for pair in pairs if pair.first == 0}


def read(attempts: Sequence[TreatmentAttempt], *, on: date) -> list[TrialLog]:
    """The logs of attempts that have started, up to `on`: a handful of queries, however many attempts."""
    by_site = defaultdict(list)
    for attempt in attempts:
        by_site[attempt.site].append(attempt)
    others = _others([attempt.patient_id for attempt in attempts], on=on)
    paused = _paused(attempts, others)
    return [
        log
        for site, group in by_site.items()
        for log in _with_ratings(group, _packed_ratings(site, group, on=on), others, paused, on=on)
    ]


def _with_ratings(
    attempts: Sequence[TreatmentAttempt],
    packed: dict[int, str],
    others: dict[int, list[OtherAttempt]],
    paused: dict[int, list[int]],
    *,
    on: date,
) -> Iterable[TrialLog]:
    for attempt in attempts:
        company = [other for other in others.get(attempt.patient_id, []) if other.pk != attempt.pk]
        text = packed.get(attempt.patient_id, "")
        # On such a day something was missing that was there before and after: it can be laid to neither.
        off = [day for pk in (attempt.pk, *(other.pk for other in company)) for day in paused.get(pk, ())]
        yield _log(attempt, text, company, off, last_day=on.toordinal())


def _log(
    attempt: TreatmentAttempt, packed: str, others: list[OtherAttempt], paused: list[int], *, last_day: int
) -> TrialLog:
    course = Course(
        start=attempt.started_on.toordinal(),
        stop=_ordinal(attempt.judged_until),
        onset_days=attempt.onset_days,
        trial_days=attempt.trial_days,
    )
    last_day = min(last_day, course.start + LONGEST_TRIAL)
    codes = np.fromstring(packed, dtype=np.int64, sep=" ")
    days, nrs = codes >> 4, codes & 15
    read_days = (days >= course.start - policy.HISTORY_DAYS) & (days <= last_day)
    days, nrs = days[read_days], nrs[read_days]
    first_day = min(int(days.min()), course.start) if len(days) else course.start
    n_days = last_day - first_day + 1
    ratings = np.zeros((n_days, 2), dtype=np.int32)
    ratings[:, 0] = np.bincount(days - first_day, weights=nrs, minlength=n_days)
    ratings[:, 1] = np.bincount(days - first_day, minlength=n_days)
    if paused:
        ratings[[day - first_day for day in paused if first_day <= day <= last_day]] = 0
    return TrialLog(attempt=attempt, course=course, others=others, first_day=first_day, ratings=ratings)


def _packed_ratings(site: str, attempts: Sequence[TreatmentAttempt], *, on: date) -> dict[int, str]:
    patients = {attempt.patient_id for attempt in attempts}
    first = date.fromordinal(min(a.started_on.toordinal() for a in attempts) - policy.HISTORY_DAYS)
    if not site:
        entries = PainEntry.objects.filter(patient__in=patients, local_date__range=(first, on))
        return dict(_by_patient(entries, "patient", "local_date"))
    sites = EntrySite.objects.filter(site=site, entry__patient__in=patients, entry__local_date__range=(first, on))
    # Named without a rating of its own, a site counts with the entry's.
    return dict(_by_patient(sites, "entry__patient", "entry__local_date", Coalesce("nrs", "entry__nrs")))


def _by_patient(
    rows: QuerySet[Any], patient: str, day: str, nrs: str | Coalesce = "nrs"
) -> QuerySet[Any, tuple[int, str]]:
    return rows.order_by().values_list(patient).annotate(packed=PackedRatings(day, nrs))


def _paused(attempts: Sequence[TreatmentAttempt], others: Mapping[int, Sequence[OtherAttempt]]) -> dict[int, list[int]]:
    """Ordinal days of the pauses that are over, by attempt, of others too; asks only where there were some."""
    keys = {attempt.pk for attempt in attempts if attempt.paused_days}
    keys |= {other.pk for of_one in others.values() for other in of_one if other.has_paused}
    days = defaultdict(list)
    if keys:
        rows = TreatmentDay.objects.filter(attempt__in=keys, state=TreatmentDay.State.PAUSED).order_by()
        for attempt, day in rows.values_list("attempt", "local_date"):
            days[attempt].append(day.toordinal())
    return days


def _others(patients: Collection[int], *, on: date) -> dict[int, list[OtherAttempt]]:
    """Attempts that had begun, of the patients who have more than one."""
    started = TreatmentAttempt.objects.filter(started_on__lte=on)
    # Most have one. Asked first, since a list of thousands costs more to write into a query than to look up.
    numbers = started.filter(patient__in=set(patients)).order_by().values("patient").annotate(n=Count("pk"))
    several = list(numbers.filter(n__gt=1).values_list("patient", flat=True))
    if not several:
        return {}
    onset = Coalesce("own_onset_days", "treatment_type__expected_onset_days")
    trial = Coalesce("own_trial_days", "treatment_type__adequate_trial_days")
    rows = started.filter(patient__in=several).annotate(onset=onset, trial=trial).order_by("started_on", "pk")
    others = defaultdict(list)
    for patient, pk, uuid, started_on, stopped_on, paused_on, paused_days, onset_days, trial_days in rows.values_list(
        "patient", "pk", "uuid", "started_on", "stopped_on", "paused_on", "paused_days", "onset", "trial"
    ):
        course = Course(
            start=started_on.toordinal(),
            stop=_ordinal(stopped_on or paused_on),
            onset_days=onset_days,
            trial_days=trial_days + paused_days,
        )
        others[patient].append(OtherAttempt(pk=pk, uuid=uuid, course=course, has_paused=paused_days > 0))
    return others


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()
