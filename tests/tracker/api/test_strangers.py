"""Charlie knows every address of alice's record and gets none of it: 404, nothing changed, no word of hers."""

from typing import Any

import pytest
from django.core import serializers
from django.urls import URLPattern, get_resolver

from tests.tracker.api.conftest import API, MARKER, is_problem, new_uuid
from tracker import models
from tracker.api.views.entries import EntryViewSet

METHODS = ("get", "put", "patch", "post", "delete", "head", "options")
FITTING = {
    "entries": {"nrs": 9, "felt_at": "2026-03-01T07:30:00Z"},
    "attempts": {"treatment_type": "massage", "started_on": "2026-03-01"},
    "pause": {"from_day": "2026-03-02"},
    "resume": {"from_day": "2026-03-02"},
    "restart": {"uuid": "0b5dbb6e-6d5c-4f0e-9a37-6f2c3b9d7e11", "from_day": "2026-03-02"},
    "dose": {"uuid": "0b5dbb6e-6d5c-4f0e-9a37-6f2c3b9d7e11", "dose": "more", "from_day": "2026-03-02"},
    "days": {"state": "done"},
    "stop": {"stopped_on": "2026-03-01", "stop_reason": "done"},
    "diagnoses": {"name": "Strain"},
    "proposals": {"name": "Operation"},
    "advice": {"state": "dismissed"},
    "push-devices": {"name": "x", "endpoint": "https://fcm.googleapis.com/x", "public_key": "x", "auth_secret": "x"},
    "reminders": {"kind": "log_pain", "wall_time": "07:00"},
    "sessions": {"exercises_done": []},
    "merge": {"exercises_done": []},
    "morning": {"pain": 3},
    "answer": {"action": "done"},
    "questionnaires": {"instrument": "peg", "answers": {"pain": 9, "enjoyment": 9, "activity": 9}},
    "red-flag-screens": {"answers": {"hurt": "yes"}},
    "second-opinions": {"question": "What is it?"},
    "appointments": {"starts_at": "2026-03-01T07:30:00Z"},
    "questions": {"questions": []},
    "views": {"diagnosis": "Strain"},
    "comparisons": {"outcome": "same"},
    "words": {"decided": {}},
    "summaries": {"first_day": "2026-03-01", "last_day": "2026-03-02"},
    "files": {"kind": "result", "title": "x"},
    "shares": {"scope": "summary"},
    "medicines": {"name": "Ibuprofen"},
    "intakes": {"medicine": "0b5dbb6e-6d5c-4f0e-9a37-6f2c3b9d7e10"},
}
OF_ATTEMPTS = ("overview", "pause", "resume", "restart", "dose", "days")
OF_VISITS = ("cancel", "reinstate", "questions", "ideas", "calendar")
DAY_OF_ATTEMPT = (
    r"^attempts/(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/days/"
    r"(?P<local_date>\d{4}-\d{2}-\d{2})/$"
)
ANSWER = (
    r"^reminders/(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/occurrences/"
    r"(?P<local_date>\d{4}-\d{2}-\d{2})/answer/$"
)
PLAN = {"treatment-plan/", "treatment-plan/begin/", "attempts/restore/"}  # test_treatments.py
# Their own tests say what a stranger finds there: test_changes.py, test_batch.py, test_again.py.
SYNC = {"entries/changes/", "entries/batch/", "entries/again/"}
HISTORY = {"history/days/", "history/patterns/", "history/before-after/"}  # test_history.py
# What is due and put off, where help is: test_questionnaires.py.
QUESTIONNAIRES_NOW = {"questionnaires/due/", "questionnaires/put-off/", "questionnaires/help-seen/"}
# Of those below, the ones that answer with something else than a list of rows.
NO_LISTS = {
    "instruments/",
    "instruments/<slug:key>/",
    "red-flag-questions/",
    "schema/",
    "docs/",
    "treatment-types/",
    "sites/",
    "profile/",
    "profile/device-zone/",
    "flare/",
    "moves/",
    "moves/today/",
    "moves/safety/",
    "moves/habit/",
    "moves/trial/",
    "moves/<slug:key>/",
    "moves/<slug:key>/wish/",
    "pause/",
    "sick-day/",
    "push-key/",
    "calendar-feed/",
    "mail-status/",
    "mail-status/start/",
    "reminders/upcoming/",
    "health-profile/",
    "export/",
    "account/",
}
# Addresses that are the same for everybody, or hold only what is the caller's own.
OWN_OR_PUBLIC = {
    *NO_LISTS,
    "push-devices/",
    "reminders/history/",
    "imports/",
    *HISTORY,
    "entries/",
    *SYNC,
    *PLAN,
    "diagnoses/",
    "diagnoses/history/",
    "proposals/",
    "attempts/",
    "verdicts/",
    "advice/",
    "reminders/",
    "sessions/",
    "questionnaires/",
    *QUESTIONNAIRES_NOW,
    "red-flag-screens/",
    "medicines/",
    "intakes/",
    "files/",
    "second-opinions/",
    "appointments/",
    "shares/",
    "summaries/",
}


def addresses(record: dict[str, Any]) -> dict[str, str]:
    """Every address of the API that names one object, filled with alice's."""
    return {
        # before a PUT has made charlie an attempt of his own under the same uuid
        DAY_OF_ATTEMPT: f"/attempts/{record['attempt'].uuid}/days/2026-03-01/",
        "entries/<uuid:uuid>/": f"/entries/{record['entry'].uuid}/",
        "export/checkup/<uuid:uuid>/": f"/export/checkup/{record['checkup'].uuid}/",
        "diagnoses/<uuid:uuid>/": f"/diagnoses/{record['diagnosis'].uuid}/",
        "attempts/<uuid:uuid>/": f"/attempts/{record['attempt'].uuid}/",
        **{f"attempts/<uuid:uuid>/{name}/": f"/attempts/{record['attempt'].uuid}/{name}/" for name in OF_ATTEMPTS},
        "attempts/<uuid:uuid>/stop/": f"/attempts/{record['attempt'].uuid}/stop/",
        "attempts/<uuid:uuid>/verdicts/": f"/attempts/{record['attempt'].uuid}/verdicts/",
        "proposals/<uuid:uuid>/": f"/proposals/{record['proposal'].uuid}/",
        "advice/<int:pk>/": f"/advice/{record['advice'].pk}/",
        "questionnaires/<uuid:uuid>/": f"/questionnaires/{record['response'].uuid}/",
        "red-flag-screens/<uuid:uuid>/": f"/red-flag-screens/{record['screen'].uuid}/",
        "reminders/<uuid:uuid>/": f"/reminders/{record['reminder'].uuid}/",
        "reminders/<uuid:uuid>/occurrences/": f"/reminders/{record['reminder'].uuid}/occurrences/",
        ANSWER: f"/reminders/{record['reminder'].uuid}/occurrences/2026-03-01/answer/",
        "push-devices/<uuid:uuid>/": f"/push-devices/{record['device'].uuid}/",
        "push-devices/<uuid:uuid>/test/": f"/push-devices/{record['device'].uuid}/test/",
        "medicines/<uuid:uuid>/": f"/medicines/{record['medicine'].uuid}/",
        "imports/<uuid:uuid>/": f"/imports/{record['import'].uuid}/",
        "second-opinions/<uuid:uuid>/": f"/second-opinions/{record['opinion'].uuid}/",
        "second-opinions/<uuid:uuid>/close/": f"/second-opinions/{record['opinion'].uuid}/close/",
        "second-opinions/<uuid:uuid>/brief/": f"/second-opinions/{record['opinion'].uuid}/brief/",
        "second-opinions/<uuid:uuid>/words/": f"/second-opinions/{record['opinion'].uuid}/words/",
        "second-opinions/<uuid:uuid>/views/": f"/second-opinions/{record['opinion'].uuid}/views/",
        "second-opinions/<uuid:uuid>/views/<uuid:view>/": f"/second-opinions/{record['opinion'].uuid}/views/{new_uuid()}/",
        "second-opinions/<uuid:uuid>/sealed/": f"/second-opinions/{record['opinion'].uuid}/sealed/",
        "second-opinions/<uuid:uuid>/comparisons/": f"/second-opinions/{record['opinion'].uuid}/comparisons/",
        "second-opinions/<uuid:uuid>/comparisons/<uuid:diagnosis>/": (
            f"/second-opinions/{record['opinion'].uuid}/comparisons/{record['diagnosis'].uuid}/"
        ),
        # before a PUT has made charlie an appointment of his own under the same uuid
        **{f"appointments/<uuid:uuid>/{name}/": f"/appointments/{record['visit'].uuid}/{name}/" for name in OF_VISITS},
        "appointments/<uuid:uuid>/attempts/<uuid:attempt>/": (
            f"/appointments/{record['visit'].uuid}/attempts/{new_uuid()}/"
        ),
        "appointments/<uuid:uuid>/": f"/appointments/{record['visit'].uuid}/",
        "shares/<uuid:uuid>/": f"/shares/{record['share'].uuid}/",
        "shares/<uuid:uuid>/end/": f"/shares/{record['share'].uuid}/end/",
        "shares/<uuid:uuid>/log/": f"/shares/{record['share'].uuid}/log/",
        "shares/<uuid:uuid>/questions/": f"/shares/{record['share'].uuid}/questions/",
        "shares/<uuid:uuid>/questions/<uuid:question>/": (
            f"/shares/{record['share'].uuid}/questions/{record['question'].uuid}/"
        ),
        "files/<uuid:uuid>/": f"/files/{record['file'].uuid}/",
        "files/<uuid:uuid>/content/": f"/files/{record['file'].uuid}/content/",
        "summaries/<uuid:uuid>/": f"/summaries/{record['summary'].uuid}/",
        **{
            f"summaries/<uuid:uuid>/{name}/": f"/summaries/{record['summary'].uuid}/{name}/"
            for name in ("content", "pdf", "fhir")
        },
        "intakes/<uuid:uuid>/": f"/intakes/{record['intake'].uuid}/",
        # before a PUT has made charlie a session of his own on the same day
        r"^sessions/(?P<local_date>\d{4}-\d{2}-\d{2})/morning/$": f"/sessions/{record['session'].local_date}/morning/",
        r"^sessions/(?P<local_date>\d{4}-\d{2}-\d{2})/merge/$": f"/sessions/{record['session'].local_date}/merge/",
        r"^sessions/(?P<local_date>\d{4}-\d{2}-\d{2})/$": f"/sessions/{record['session'].local_date}/",
    }


def api_patterns() -> list[URLPattern]:
    (root,) = (pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) == "api/v1/")
    return root.url_patterns


def all_of(person: Any) -> str:
    """Every row that hangs on a patient, as text."""
    patient = person.patient
    rows = [
        *patient.pain_entries.all(),
        *patient.diagnoses.all(),
        *patient.attempts.all(),
        *models.TreatmentDay.objects.filter(attempt__patient=patient),
        *patient.reminders.all(),
        *patient.push_devices.all(),
        *patient.exercise_sessions.all(),
        *patient.log_imports.all(),
        *patient.entry_tombstones.all(),
        *patient.medicines.all(),
        *patient.intakes.all(),
        *patient.attachments.all(),
        *patient.second_opinions.all(),
        *patient.shares.all(),
        *models.ShareQuestion.objects.filter(share__patient=patient),
        *models.IndependentView.objects.filter(opinion__patient=patient),
        *models.Comparison.objects.filter(opinion__patient=patient),
        *patient.appointments.all(),
        *models.VisitQuestion.objects.filter(appointment__patient=patient),
        *patient.summaries.all(),
        *patient.questionnaire_responses.all(),
        *patient.red_flag_screens.all(),
        *patient.advice.all(),
        *patient.proposals.all(),
        *models.Verdict.objects.filter(attempt__patient=patient),
        *models.Occurrence.objects.filter(reminder__patient=patient),
    ]
    return serializers.serialize("json", sorted(rows, key=lambda row: (row._meta.label, str(row.pk))))


def body_for(path: str) -> dict[str, Any]:
    return next((body for part, body in reversed(FITTING.items()) if f"/{part}/" in path), {})


def test_every_address_of_the_api_is_held_to_account(record):
    declared = {str(pattern.pattern) for pattern in api_patterns()}
    assert declared == OWN_OR_PUBLIC | set(addresses(record))


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_finds_and_changes_nothing(alice, charlies, record, method):
    before = all_of(alice)
    for path in addresses(record).values():
        response = getattr(charlies, method)(path, body_for(path))
        is_making = method == "put" or (method == "post" and path.endswith("/merge/"))
        made_an_own_one = is_making and response.status_code == 201
        # A body that names a medicine which is not on the caller's list does not fit, nor one without a file.
        is_unfit = method == "put" and any(name in path for name in ("/intakes/", "/files/", "/push-devices/"))
        does_not_fit = is_unfit and response.status_code in (400, 422)
        is_refused = does_not_fit or response.status_code in (404, 405)
        assert made_an_own_one or method == "options" or is_refused, (method, path)
        assert MARKER not in response.content.decode()
    assert all_of(alice) == before


def test_the_lists_of_a_stranger_are_empty(charlies, record):
    for path in OWN_OR_PUBLIC - SYNC - HISTORY - QUESTIONNAIRES_NOW - PLAN - NO_LISTS:
        response = charlies.get(f"/{path}")
        assert (response.status_code, response.json()["results"]) == (200, []), path


def test_nobody_signed_in_gets_anything(client, record):
    for path in (*addresses(record).values(), "/entries/", "/profile/", "/verdicts/"):
        response = client.get(f"{API}{path}")
        assert is_problem(response, 401), path
        assert MARKER not in response.content.decode()


def test_an_address_that_names_nothing_answers_like_a_strangers(charlies, record):
    for known in (f"/entries/{record['entry'].uuid}/", f"/attempts/{record['attempt'].uuid}/verdicts/"):
        unknown = known.replace(known.split("/")[2], str(new_uuid()))
        assert charlies.get(known).content == charlies.get(unknown).content


def test_alice_herself_finds_all_of_it(api, record):
    found = "".join(api.get(f"/{path}").content.decode() for path in ("entries/", "attempts/", "diagnoses/"))
    assert found.count(MARKER) >= 3


def test_this_file_would_notice_a_leak(alice, charlies, record, monkeypatch):
    monkeypatch.setattr(EntryViewSet, "get_queryset", lambda view: models.PainEntry.objects.all())
    for method in ("get", "patch", "delete"):
        with pytest.raises(AssertionError):
            test_a_stranger_finds_and_changes_nothing(alice, charlies, record, method)
