"""A record with one of everything, and how to read what was exported of it."""

import csv
import json
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

from django.test import Client

from assessments import services as checkups
from tests.conftest import Person, client_for
from tests.tracker.test_attachments import picture
from tracker.domain import csv_text
from tracker.models import (
    Advice,
    CalendarFeed,
    Diagnosis,
    Occurrence,
    PainEntry,
    PushDevice,
    Reminder,
    TreatmentType,
    Verdict,
)
from tracker.services import (
    attachments,
    exercises,
    exports,
    health,
    imports,
    mail_stops,
    medicines,
    pain_log,
    proposals,
    questionnaires,
    red_flags,
    reminders,
    treatment_days,
    treatment_plans,
    treatments,
)
from tracker.services.pain_log import SiteRating

MARKER = "xyzzy of alice"
PIXEL = attachments.cleaned_file(picture(size=(1, 1)))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()


def fill(person: Person, *, marker: str = MARKER, at: datetime = NOW) -> None:
    """One of everything that can be exported, with the marker wherever there is room for words."""
    by = person.user
    for hours, said in enumerate(
        [
            {"nrs": 4, "note": marker, "helped": f"{marker} walk", "interference": 3, "sleep": 7, "mood": 5}
            | {"managed": f"{marker} shopping", "triggers": ["sitting", "stress"], "eased_by": ["walking"]},
            {"nrs": 6, "sites": (SiteRating(site="low_back", nrs=7, quality="burning"), SiteRating(site="neck"))},
            {"nrs": 0, "zone": "Asia/Kathmandu"},
        ],
        start=1,
    ):
        said = {"zone": "Europe/Berlin", "felt_at": at - timedelta(hours=30 * hours)} | said
        pain_log.add(by=by, uuid=uuid4(), source="web", at=at, **said)
    gone = pain_log.add(by=by, uuid=uuid4(), source="web", at=at, nrs=1, felt_at=at, zone="UTC", note=marker)
    pain_log.remove(by=by, entry=gone, at=at)
    diagnosis = treatments.note_diagnosis(by=by, uuid=uuid4(), name=marker, said_by=marker, said_on=at.date())
    kind = TreatmentType.objects.get(key="massage")
    started = {"treatment_type": kind, "started_on": at.date() - timedelta(days=20), "diagnosis": diagnosis}
    attempt = treatments.start(by=by, uuid=uuid4(), at=at, on=at.date(), own_words=marker, **started)
    treatment_days.note(by=by, attempt=attempt, day=at.date(), is_done=True, on=at.date())
    planned = {"treatment_type": kind, "own_words": marker, "planned_for": at.date()}
    treatment_plans.put(by=by, uuid=uuid4(), at=at, on=at.date(), **planned)
    judge(attempt, at)
    offer = {"name": marker, "proposed_by": marker, "reason": marker, "proposed_on": at.date()}
    proposals.put(by=by, uuid=uuid4(), at=at, on=at.date(), **offer)
    reminder = reminders.create(by=by, kind=Reminder.Kind.LOG_PAIN, wall_time=at.time(), at=at, uuid=uuid4())
    remind(reminder, at)
    reach(person, at)
    exercises.record(by=by, on=at.date(), exercises_done=["cat_camel"], pain_during=2, at=at)
    facts = {"diabetes": "unsure", "smoker": "no"}
    health.save_profile(by=by, at=at, on=at.date(), birth_year=1980, sex="female", facts=facts, allergies=marker)
    said = {"name": marker, "dose": f"{marker} 1", "taken_for": marker, "started_on": at.date()}
    medicine = medicines.add_medicine(by=by, uuid=uuid4(), at=at, on=at.date(), **said)
    medicines.take(by=by, uuid=uuid4(), medicine=medicine, at=at)
    answer_questionnaires(by, attempt, at)
    check_up = checkups.start(by=by, at=at)
    checkups.finish(by=by, uuid=check_up.uuid, at=at)
    said = {question.id: "no" for question in red_flags.questions()}
    red_flags.answer(by=by, uuid=uuid4(), answers=said | {"hurt": "unsure"}, at=at)
    imports.run(by=by, content=b"day,pain\n2020-01-01,3\n", filename=f"{marker}.csv", at=at)
    ask_somebody_else(person, diagnosis, marker, at)


def ask_somebody_else(person: Person, diagnosis: Diagnosis, marker: str, at: datetime) -> None:
    """A second opinion from its question to the comparison, shared, with a visit."""
    patient, now = person.patient, {"created_at": at, "changed_at": at}
    opinion = patient.second_opinions.create(uuid=uuid4(), question=marker, earlier_advice=marker, **now)
    share = patient.shares.create(
        uuid=uuid4(),
        scope="brief",
        opinion=opinion,
        meant_for=marker,
        token_digest=uuid4().hex,
        created_at=at,
        expires_at=at + timedelta(days=14),
    )
    share.shown.create(act="opened", at=at)
    share.questions.create(uuid=uuid4(), text=marker, asked_at=at)
    opinion.views.create(uuid=uuid4(), written_by="clinician", share=share, diagnosis=marker, written_at=at)
    opinion.comparisons.create(diagnosis=diagnosis, outcome="different", compared_at=at)
    file = {"media_type": "image/png", "digest": "0" * 64, "n_bytes": len(PIXEL), "content": PIXEL}
    patient.attachments.create(uuid=uuid4(), kind="result", title=marker, added_at=at, **file)
    visit = patient.appointments.create(uuid=uuid4(), starts_at=at, zone="Europe/Berlin", purpose=marker, **now)
    visit.questions.create(uuid=uuid4(), text=marker)


def answer_questionnaires(by: Any, attempt: Any, at: datetime) -> None:
    for key, answers, about in (
        ("peg", {"pain": 7, "enjoyment": 6, "activity": 5}, None),
        ("phq_9", {f"phq_{number}": 1 for number in range(1, 9)}, None),
        ("global_change", {"compared": 2}, attempt),
    ):
        questionnaires.answer(by=by, uuid=uuid4(), instrument=key, answers=answers, attempt=about, at=at)


def reach(person: Person, at: datetime) -> None:
    """A way out by each channel, and one that is closed."""
    patient = person.patient
    secret = f"secret{patient.pk}"
    keys = {"endpoint": f"https://push.example.org/{secret}", "public_key": secret, "auth_secret": secret}
    PushDevice.objects.create(patient=patient, uuid=uuid4(), created_at=at, **keys)
    CalendarFeed.objects.create(patient=patient, made_at=at)
    mail_stops.stop(patient=patient, reason="bounced", words="550", at=at)


def judge(attempt: Any, at: datetime) -> None:
    verdict = Verdict.objects.create(
        attempt=attempt,
        as_of=at.date(),
        outcome="not_working",
        days_passed=20,
        days_logged=15,
        baseline_days=7,
        baseline="logged",
        policy_version="test",
        inputs_digest="0" * 32,
        computed_at=at,
    )
    said = {"kind": "not_working", "evidence": f"attempt:{attempt.uuid}", "because": {"name": attempt.own_words}}
    Advice.objects.create(
        patient=attempt.patient, attempt=attempt, verdict=verdict, created_at=at, changed_at=at, **said
    )


def remind(reminder: Reminder, at: datetime) -> None:
    Occurrence.objects.update_or_create(
        reminder=reminder,
        local_date=at.date(),
        defaults={"zone": "UTC", "due_at": at, "window_ends_at": at, "state": "sent", "sent_at": at},
    )


def write(person: Person, texts: list[str]) -> None:
    """An entry a day with each of the texts, the last one yesterday."""
    PainEntry.objects.bulk_create(
        PainEntry(
            patient=person.patient,
            uuid=uuid4(),
            nrs=3,
            felt_at=NOW - timedelta(days=len(texts) - number),
            recorded_at=NOW,
            changed_at=NOW,
            local_date=(NOW - timedelta(days=len(texts) - number)).date(),
            zone="Europe/Berlin",
            source="web",
            note=text,
            helped=text,
        )
        for number, text in enumerate(texts)
    )


def exported(person: Person, kind: str = "json", *, at: datetime = NOW, **options: Any) -> bytes:
    user = person.user.__class__.objects.get(pk=person.user.pk)
    return b"".join(exports.pieces(by=user, kind=exports.Format(kind), at=at, **options))


def document(person: Person) -> dict[str, Any]:
    return json.loads(exported(person))


def table(content: bytes) -> list[dict[str, str]]:
    """The lines of an exported table, with each text as it was."""
    text = content.decode("utf-8-sig")
    lines = csv.DictReader(StringIO(text, newline=""), strict=True)
    return [{name: csv_text.plain(cell) for name, cell in line.items()} for line in lines]


def lasting(document: dict[str, Any]) -> dict[str, Any]:
    """What an export and the export of the record that it was brought into have in common.

    Entries and treatments are new to the other record (changed when they came, and by which import); links have
    ended; verdicts, advice and reminders are made anew; settings, imports and the audit are each record's own.
    """
    own = {"changed_at", "log_import", "revoked_at"}
    names = ("entries", "tombstones", "diagnoses", "attempts", "sessions", "programme", "assessments")
    names += ("health_profile", "medicines", "intakes", "questionnaires", "red_flag_screens", "attachments")
    names += ("second_opinions", "independent_views", "comparisons", "shares", "share_views", "share_questions")
    names += ("appointments", "visit_questions", "treatment_plan", "proposals")
    return {
        name: [{key: value for key, value in row.items() if key not in own} for row in document[name]] for name in names
    }


def said_password_again(person: Person) -> Client:
    """A client of somebody who has just given the password once more."""
    client = client_for(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(person.user.pk)
    session.save()
    return client
