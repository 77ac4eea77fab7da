from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from assessments import services as checkups
from tests.conftest import Person, client_for
from tracker.models import Advice, TreatmentAttempt, TreatmentType, Verdict
from tracker.services import (
    appointments,
    exercises,
    imports,
    medicines,
    pain_log,
    proposals,
    questionnaires,
    red_flags,
    reminders,
    sharing,
    summaries,
    treatments,
)

API = "/api/v1"
MARKER = "xyzzy of alice"
NOW = datetime.now(UTC)
TODAY = NOW.date()


class Api:
    """A client that speaks JSON."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __getattr__(self, method: str) -> Any:
        def call(path: str, body: Any = None, **options: Any) -> Any:
            options.setdefault("content_type", "application/json")
            if method != "get" and body is not None:
                options["data"] = body
            return getattr(self.client, method)(f"{API}{path}", **options)

        return call


@pytest.fixture
def api(alice: Person) -> Api:
    return Api(client_for(alice))


@pytest.fixture
def charlies(charlie: Person) -> Api:
    return Api(client_for(charlie))


def add_entry(person: Person, **said: Any) -> Any:
    at = NOW
    said = {"nrs": 4, "felt_at": NOW - timedelta(hours=1), "zone": "Europe/Berlin", "note": MARKER} | said
    return pain_log.add(by=person.user, uuid=uuid4(), source="web", at=at, **said)


def start_attempt(person: Person, **said: Any) -> TreatmentAttempt:
    said = {
        "treatment_type": TreatmentType.objects.get(key="massage"),
        "started_on": TODAY - timedelta(days=20),
        "own_words": MARKER,
    } | said
    return treatments.start(by=person.user, uuid=uuid4(), at=NOW, on=TODAY, **said)


def judge(attempt: TreatmentAttempt, as_of: date = TODAY, outcome: str = "not_working") -> Verdict:
    return Verdict.objects.create(
        attempt=attempt,
        as_of=as_of,
        outcome=outcome,
        days_passed=20,
        days_logged=15,
        baseline_days=7,
        baseline="logged",
        policy_version="test",
        inputs_digest="0" * 32,
        computed_at=NOW,
    )


@pytest.fixture
def record(alice: Person) -> dict[str, Any]:
    """One of everything of alice, each with the marker where there is text."""
    entry = add_entry(alice, sites=(pain_log.SiteRating(site="low_back", nrs=3),))
    diagnosis = treatments.note_diagnosis(by=alice.user, uuid=uuid4(), name=MARKER)
    attempt = start_attempt(alice, diagnosis=diagnosis)
    verdict = judge(attempt)
    said = {"kind": Advice.Kind.NOT_WORKING, "evidence": f"attempt:{attempt.uuid}", "because": {"name": MARKER}}
    advice = Advice.objects.create(
        patient=alice.patient, attempt=attempt, verdict=verdict, created_at=NOW, changed_at=NOW, **said
    )
    offer = {"name": MARKER, "proposed_by": MARKER, "reason": MARKER}
    proposal, _ = proposals.put(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, **offer)
    reminder = reminders.create(
        by=alice.user, kind="morning_moves", wall_time=datetime(2026, 1, 1, 7).time(), at=NOW, uuid=uuid4()
    )
    keys = {"endpoint": f"https://push.example.org/{MARKER}", "public_key": MARKER, "auth_secret": MARKER}
    device = alice.patient.push_devices.create(uuid=uuid4(), name=MARKER, created_at=NOW, **keys)
    session = exercises.record(by=alice.user, on=TODAY - timedelta(days=1), exercises_done=[], pain_during=2, at=NOW)
    said = {question.id: "no" for question in red_flags.questions()}
    screen = red_flags.answer(by=alice.user, uuid=uuid4(), answers=said, at=NOW)
    answers = {"pain": 7, "enjoyment": 6, "activity": 5}
    response, _ = questionnaires.answer(by=alice.user, uuid=uuid4(), instrument="peg", answers=answers, at=NOW)
    log_import = imports.run(by=alice.user, content=b"day,pain\n2020-01-01,3\n", filename=f"{MARKER}.csv", at=NOW)
    medicine = medicines.add_medicine(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, name=MARKER, dose=MARKER)
    intake, _ = medicines.take(by=alice.user, uuid=uuid4(), medicine=medicine, at=NOW)
    checkup = checkups.start(by=alice.user, at=NOW, known={"age": 44})
    said = {"kind": "result", "title": MARKER, "media_type": "image/png", "digest": "0" * 64, "n_bytes": 3}
    file = alice.patient.attachments.create(uuid=uuid4(), content=b"abc", added_at=NOW, **said)
    opinion = alice.patient.second_opinions.create(
        uuid=uuid4(), question=MARKER, created_at=NOW, changed_at=NOW, sealed_opened_at=NOW, sealed_opened_by="patient"
    )
    opinion.views.create(uuid=uuid4(), written_by="patient", diagnosis=MARKER, written_at=NOW)
    said = {"with_whom": MARKER, "place": MARKER, "purpose": MARKER, "remind_before": 60}
    visit = appointments.add(
        by=alice.user, uuid=uuid4(), at=NOW, starts_at=NOW + timedelta(days=3), zone="Europe/Berlin", **said
    )
    appointments.ask(by=alice.user, appointment=visit, uuid=uuid4(), text=MARKER, at=NOW)
    wish = sharing.Wish(scope="brief", opinion=opinion, meant_for=MARKER)
    share = sharing.create(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, wish=wish)
    question = sharing.ask(share=share, uuid=uuid4(), text=MARKER, asked_by=MARKER, at=NOW)
    wish = summaries.Wish(first_day=TODAY, last_day=TODAY, question=MARKER)
    summary, _ = summaries.put(by=alice.user, uuid=uuid4(), at=NOW, wish=wish)
    return {
        "device": device,
        "visit": visit,
        "share": share,
        "question": question,
        "opinion": opinion,
        "summary": summary,
        "file": file,
        "checkup": checkup,
        "entry": entry,
        "diagnosis": diagnosis,
        "attempt": attempt,
        "verdict": verdict,
        "advice": advice,
        "proposal": proposal,
        "reminder": reminder,
        "session": session,
        "screen": screen,
        "import": log_import,
        "response": response,
        "medicine": medicine,
        "intake": intake,
    }


def is_problem(response: Any, status: int) -> bool:
    return (
        response.status_code == status
        and response.headers["Content-Type"].startswith("application/problem+json")
        and response.json()["status"] == status
    )


def new_uuid() -> UUID:
    return uuid4()
