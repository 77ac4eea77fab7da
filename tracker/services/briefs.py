"""Builds what is handed to a clinician from the record: one builder for the whole version and for the blind one.

Blind is what was built with a screen: free text passes sentence by sentence. What could do harm if a word of it were
missing (operations, implants, allergies, medicines) stands as it was written, but for names of people and clinics. What a `Brief` has no field for (diagnoses, who said or prescribed something, what a medicine is for,
the causes of a check-up, advice) leaves in neither version. The number of queries does not grow with the record.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext

from assessments.engine.loading import standard_rulebook
from tracker.domain import health
from tracker.domain.adherence import Adherence
from tracker.domain.brief import (
    COMPARED_DAYS,
    MAY_BE_LEFT_OUT,
    Brief,
    FileLine,
    MedicineLine,
    NoteLine,
    Part,
    Passage,
    Score,
    SiteLine,
    TriedLine,
    handed_over,
    mean_of,
    passages,
    weeks_of,
)
from tracker.domain.brief import Count as Named
from tracker.domain.screening import Screen
from tracker.models import Attachment, EntrySite, HealthProfile, Patient, TreatmentAttempt
from tracker.services import adherences, brief_answers, said_so_far, verdicts
from tracker.services.verdict_figures import figures

INTAKE_DAYS = 28  # in which days with a medicine are counted
QUALITIES_OF_A_SITE = 3
PEG, PHQ_4 = ("peg", "mean"), ("phq_4", "total")

# What is emptied when the patient leaves a part out.
FIELDS_OF: Mapping[Part, tuple[str, ...]] = {
    Part.PERSON: ("name", "age", "sex"),
    Part.CONDITIONS: ("conditions",),
    Part.STORY: ("story",),
    Part.FUNCTION: ("interference", "sleep", "mood", "peg", "phq4"),
    Part.TRIED: ("tried",),
    Part.GOAL: ("goal",),
    Part.WORRY: ("worry",),
    Part.NOTES: ("notes",),
    Part.FILES: ("files",),
}


class _Reader:
    """How free text is read: as it stands, or through a screen with what the patient decided."""

    def __init__(self, screen: Screen | None, decided: Mapping[str, str], heard: list[str]) -> None:
        self.screen, self.decided, self.heard = screen, dict(decided), heard

    def passage(self, text: str) -> Passage:
        self.heard.append(text)
        if self.screen is None or not text:
            return Passage(text=text.strip())
        return handed_over(text, screen=self.screen, decided=self.decided)

    def told(self, text: str) -> Passage:
        """What could do harm if a word of it were missing."""
        return Passage(text=text.strip() if self.screen is None else self.screen.without_names(text))

    def masked(self, text: str) -> str:
        """What stands in any case, without the words in doubt."""
        return text.strip() if self.screen is None else self.screen.masked(text)


def brief(
    *,
    patient: Patient,
    first_day: date,
    last_day: date,
    on: date,
    question: str = "",
    goal: str = "",
    worry: str = "",
    refer_to: str = "",
    attached: Collection[UUID | str] = (),
    left_out: Iterable[str] = (),
    screen: Screen | None = None,
    decided: Mapping[str, str] | None = None,
    heard: list[str] | None = None,
) -> Brief:
    """The record of the closed period; blind where a `screen` is given. `on` is the patient's today.

    `refer_to`: key of a referral. `attached`: files that go with it. `decided`: by digest of a sentence. `heard`
    takes in the free texts that were read, as they were written, so that the patient can look at what is held back.
    """
    read = _Reader(screen, decided or {}, [] if heard is None else heard)
    parts = tuple(part for part in MAY_BE_LEFT_OUT if part in set(left_out))
    profile = HealthProfile.objects.filter(patient=patient).first() or HealthProfile(patient=patient)
    red_flags, story = brief_answers.red_flags_and_story(patient)
    whole = Brief(
        is_blind=screen is not None,
        made_on=on,
        first_day=first_day,
        last_day=last_day,
        left_out=parts,
        question=read.passage(question),
        goal=read.passage(goal),
        worry=read.passage(worry),
        name=read.masked(patient.display_name),
        age=None if profile.birth_year is None else health.age(profile.birth_year, on=on),
        sex=profile.sex,
        facts=tuple((key, profile.facts[key]) for key in health.FACT_KEYS if key in profile.facts),
        conditions=read.passage(profile.conditions),
        operations=read.told(profile.operations),
        implants=read.told(profile.implants),
        allergies=read.told(profile.allergies),
        medicines=_medicines(patient, last_day, read),
        red_flags=red_flags,
        story=story,
        tried=() if Part.TRIED in parts else _tried(patient, last_day, read),
        files=() if Part.FILES in parts else _files(patient, attached, read),
        notes=() if Part.NOTES in parts else _notes(patient, first_day, last_day, read),
        refer_to=_referral(refer_to),
        n_held_back=0,
        **_course(patient, first_day, last_day),
    )
    shown = _without(whole, parts)
    return replace(shown, n_held_back=sum(one.n_held_back for one in passages(shown)))


def _without(whole: Brief, parts: Iterable[Part]) -> Brief:
    empty: dict[type, Any] = {str: "", tuple: (), Passage: Passage()}
    names = {name for part in parts for name in FIELDS_OF.get(part, ())}
    emptied: dict[str, Any] = {name: empty.get(type(getattr(whole, name))) for name in names}
    return replace(whole, **emptied)


def _course(patient: Patient, first_day: date, last_day: date) -> dict[str, Any]:
    """The log of the period in numbers."""
    entries = patient.pain_entries.between(first_day, last_day)
    days = entries.by_day()
    month = timedelta(days=COMPARED_DAYS)
    beside = {name: mean for name, (mean, _n) in entries.beside().items()}
    triggers, eased_by = _named(entries.exclude(triggers=[], eased_by=[]).values_list("triggers", "eased_by"))
    first_logged = patient.pain_entries.first_days(1)
    peg, phq4 = _scores(patient, first_day, last_day)
    return {
        "pain_since": first_logged[0] if first_logged else None,
        "n_days": (last_day - first_day).days + 1,
        "n_days_logged": len(days),
        "mean_before": mean_of([day for day in days if day[0] < first_day + month]),
        "mean_now": mean_of([day for day in days if day[0] > last_day - month]),
        "lowest": min((day[1] for day in days), default=None),
        "highest": max((day[2] for day in days), default=None),
        "weeks": weeks_of(days, first_day=first_day, last_day=last_day),
        "sites": _sites(patient, first_day, last_day),
        "triggers": triggers,
        "eased_by": eased_by,
        **{name: beside[name] for name in ("interference", "sleep", "mood")},
        "peg": peg,
        "phq4": phq4,
    }


def _named(rows: Iterable[tuple[list[str], list[str]]]) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    triggers: Counter[str] = Counter()
    eased_by: Counter[str] = Counter()
    for one, other in rows:
        triggers.update(one)
        eased_by.update(other)
    first, second = (
        tuple(Named(key=key, n_entries=n) for key, n in counted.most_common()) for counted in (triggers, eased_by)
    )
    return first, second


def _sites(patient: Patient, first_day: date, last_day: date) -> tuple[SiteLine, ...]:
    said = EntrySite.objects.filter(entry__patient=patient, entry__local_date__range=(first_day, last_day))
    counts = said.exclude(quality="").order_by().values_list("site", "quality").annotate(n=Count("pk"))
    qualities: dict[str, list[str]] = {}
    for site, quality, _n in sorted(counts, key=lambda row: (-row[2], row[1])):
        qualities.setdefault(site, []).append(quality)
    sites = patient.pain_entries.between(first_day, last_day).by_site()
    return tuple(
        SiteLine(
            site=one.site,
            n_days=one.n_days,
            mean=one.mean,
            qualities=tuple(qualities.get(one.site, ())[:QUALITIES_OF_A_SITE]),
        )
        for one in sorted(sites, key=lambda one: (-one.n_days, -one.mean, one.site))
    )


def _scores(patient: Patient, first_day: date, last_day: date) -> tuple[tuple[Score, ...], tuple[Score, ...]]:
    """PEG and PHQ-4 of the period, oldest first. Scores stand as they were worked out then."""
    answered = patient.questionnaire_responses.filter(
        instrument__in=(PEG[0], PHQ_4[0]), local_date__range=(first_day, last_day)
    ).order_by("answered_at", "id")
    rows = list(answered.values_list("instrument", "local_date", "scores"))
    peg, phq4 = (
        tuple(Score(on=on, value=scores[name]) for key, on, scores in rows if key == instrument and name in scores)
        for instrument, name in (PEG, PHQ_4)
    )
    return peg, phq4


def _medicines(patient: Patient, last_day: date, read: _Reader) -> tuple[MedicineLine, ...]:
    """All that are on the list: those in use first, then those that are over, the newest of them first."""
    of_late = Q(intakes__local_date__gt=last_day - timedelta(days=INTAKE_DAYS), intakes__local_date__lte=last_day)
    counted = patient.medicines.annotate(
        n_intakes=Count("intakes"), n_of_late=Count("intakes__local_date", filter=of_late, distinct=True)
    ).order_by("name", "uuid")
    lines = [
        MedicineLine(
            name=read.told(one.name).text,
            dose=read.told(one.dose).text,
            is_as_needed=one.is_as_needed,
            started_on=one.started_on,
            stopped_on=one.stopped_on,
            n_days_taken=one.n_of_late if one.n_intakes else None,
        )
        for one in counted
    ]
    in_use = [line for line in lines if not line.is_over(last_day)]
    over = [line for line in lines if line.is_over(last_day)]
    return (*in_use, *sorted(over, key=lambda line: line.stopped_on or date.min, reverse=True))


def _tried(patient: Patient, last_day: date, read: _Reader) -> tuple[TriedLine, ...]:
    begun = patient.attempts.filter(started_on__lte=last_day).select_related("treatment_type")
    attempts = list(verdicts.with_latest_verdict(begun.order_by("started_on", "id")))
    used = adherences.adherences(attempts, on=last_day)
    overturned = {} if read.screen is not None else said_so_far.overturned(patient)
    return tuple(
        replace(
            _tried_line(attempt, used[attempt.pk], last_day, read),
            overturned=overturned.get(attempt.diagnosis_id or 0, ""),
        )
        for attempt in attempts
    )


def _tried_line(attempt: TreatmentAttempt, adherence: Adherence, last_day: date, read: _Reader) -> TriedLine:
    verdict = attempt.latest_verdict
    told = figures(verdict, attempt) if verdict else None
    last = min(attempt.judged_until or last_day + timedelta(days=1), last_day + timedelta(days=1))
    n_days = max((last - attempt.started_on).days, 0)
    return TriedLine(
        uuid=attempt.uuid,
        treatment_type=gettext(attempt.treatment_type.name),
        treatment_class=attempt.treatment_type.treatment_class,
        own_words=read.passage(attempt.own_words),
        dose=read.masked(attempt.dose),
        site=attempt.site,
        started_on=attempt.started_on,
        stopped_on=attempt.stopped_on,
        stop_reason=attempt.stop_reason,
        n_days=n_days,
        trial_days=attempt.trial_days,
        is_fair_trial=_is_fair(n_days, attempt.trial_days, adherence),
        adherence=adherence.share,
        before=told.before if told else None,
        now=told.now if told else None,
        outcome=told.outcome if told else "",
        reason=told.reason if told else "",
        side_effects=read.passage(attempt.side_effects),
        is_mixed=bool(verdict and verdict.reason == "mixed"),
    )


def _is_fair(n_days: int, trial_days: int, adherence: Adherence) -> bool | None:
    """Long enough and used as planned; not known where too little was said of its days."""
    if n_days < trial_days or adherence.is_unfair:
        return False
    return True if adherence.is_known else None


def _files(patient: Patient, attached: Collection[UUID | str], read: _Reader) -> tuple[FileLine, ...]:
    if not attached:
        return ()
    files = patient.attachments.filter(uuid__in=attached).defer("content").order_by("made_on", "added_at", "id")
    if read.screen is not None:
        files = files.exclude(kind__in=Attachment.SEALED_KINDS)
    return tuple(
        FileLine(
            uuid=one.uuid,
            kind=one.kind,
            title=read.passage(one.title),
            made_on=one.made_on,
            media_type=one.media_type,
            n_bytes=one.n_bytes,
        )
        for one in files
    )


def _notes(patient: Patient, first_day: date, last_day: date, read: _Reader) -> tuple[NoteLine, ...]:
    entries = patient.pain_entries.between(first_day, last_day).exclude(note="").order_by("felt_at", "id")
    rows = entries.values_list("local_date", "nrs", "note").iterator(chunk_size=2_000)
    return tuple(NoteLine(on=on, nrs=nrs, note=read.passage(note)) for on, nrs, note in rows)


def _referral(key: str) -> str:
    specialist = standard_rulebook().specialists.get(key) if key else None
    return gettext(specialist.name) if specialist else ""
