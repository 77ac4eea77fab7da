"""Anything hostile in a form, a body, an address or a header gets an answer below 500.

Text that is taken comes back byte for byte; text that is refused changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assessments import services as checkups
from tests.conftest import client_for
from tests.tracker.api.conftest import API, NOW, TODAY, new_uuid, record  # noqa: F401
from tests.tracker.naughty import MEGABYTE, STRINGS, every, rotated, some
from tracker.models import ExerciseProgramme, HealthProfile, IndependentView, TreatmentAttempt
from tracker.services import import_files, red_flags

FELT = "2026-03-01T07:30:00Z"
REFUSED = range(400, 500)
# What a field that is not text may be sent: a share of them to each field of a form, others of them to the next field.
NO_TEXT = ["", "\x00", "9" * 20, "-1", "NaN", "0000-01-01", "10000-01-01", "é" * 5_000, "'\";--", "\ud7ff\ue000", "[]"]
NO_TEXT += ["25:61", "1e400", "٣", "%00", "../..", "None", "true", "2026-02-30", "99999-99-99", "12345678-1234"]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form of the site: `texts` are kept as they are written, `others` are checked for what they mean."""

    name: str
    key: str = ""
    named: str = ""  # what stands in the address instead of a key
    valid: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)  # name -> greatest length
    others: tuple[str, ...] = ()

    def url(self, of: dict[str, Any]) -> str:
        if not self.key:
            return reverse(self.name, args=[self.named] if self.named else [])
        target = of[self.key]
        return reverse(self.name, args=[target.pk if self.key == "advice" else target.uuid])


ENTRY = {"nrs": "4", "day": "2026-03-01", "wall_time": "07:30", "quality": ""}
ATTEMPT = {"treatment_type": "own", "own_words": "x", "started_on": "2026-03-01"}
ATTEMPT_TEXTS = {"own_words": 120, "dose": 120, "told_name": 200, "told_by": 200, "prescribed_by": 200}
ATTEMPT_OTHERS = ("uuid", "treatment_type", "started_on", "site", "diagnosis", "own_onset_days", "own_trial_days")
MEDICINE = {"name": "Ibuprofen"}
MEDICINE_TEXTS = {"name": 120, "dose": 120, "taken_for": 200}
INTAKE = {"day": "2026-03-01", "wall_time": "07:30"}
SHORT_SET = [question.id for question in red_flags.questions()]
REMINDER = {"kind": "log_pain", "wall_time": "07:00", "weekdays": ["1"], "channels": ["email"], "is_active": "on"}

BESIDE_TEXTS = {"note": 4000, "managed": 500, "helped": 500}
BESIDE = ("interference", "sleep", "mood", "triggers", "eased_by")

FORMS = [
    Form(name="entry_add", valid={"nrs": "4"}, others=("nrs", "uuid")),
    Form(
        name="entry_earlier",
        valid=ENTRY,
        texts=BESIDE_TEXTS,
        others=("nrs", "day", "wall_time", "quality", "sites", "uuid", *BESIDE),
    ),
    Form(
        name="entry_edit",
        key="entry",
        valid=ENTRY,
        texts=BESIDE_TEXTS,
        others=("nrs", "day", "wall_time", "quality", "sites", *BESIDE),
    ),
    Form(
        name="entry_detail",
        key="entry",
        valid={"quality": ""},
        texts=BESIDE_TEXTS,
        others=("quality", "sites", *BESIDE),
    ),
    Form(
        name="entry_sites",
        key="entry",
        valid={"sites": ["neck"], "nrs_neck": "4"},
        others=("sites", "nrs_neck", "quality_neck"),
    ),
    Form(name="entry_restore", others=("token",)),
    Form(name="entry_again", others=("uuid", "of")),
    Form(name="attempt_add", valid=ATTEMPT, texts=ATTEMPT_TEXTS, others=ATTEMPT_OTHERS),
    Form(name="attempt_edit", key="attempt", valid=ATTEMPT, texts=ATTEMPT_TEXTS, others=ATTEMPT_OTHERS),
    Form(name="attempt_delete", key="attempt", others=("x",)),
    Form(
        name="attempt_stop",
        key="attempt",
        valid={"stopped_on": str(TODAY), "reason": ""},
        others=("stopped_on", "reason", "side_effects"),
    ),
    Form(
        name="attempt_dose", key="attempt", valid={"dose": "", "from_day": "2026"}, others=("uuid", "dose", "from_day")
    ),
    Form(name="attempt_recall", key="attempt", others=("recalled_nrs",)),
    Form(name="advice_respond", key="advice", valid={"action": "later"}, others=("action", "from", "until")),
    Form(
        name="diagnosis_add",
        valid={"name": "Strain"},
        texts={"name": 200, "said_by": 200, "ground": 500},
        others=("uuid", "said_on", "basis"),
    ),
    Form(
        name="diagnosis_edit",
        key="diagnosis",
        valid={"name": "Strain"},
        texts={"name": 200, "said_by": 200, "ground": 500},
        others=("uuid", "said_on", "basis"),
    ),
    Form(name="diagnosis_delete", key="diagnosis", others=("x",)),
    Form(
        name="proposal_add",
        valid={"name": "Operation", "decision": "open"},
        texts={"name": 200, "proposed_by": 200, "reason": 500},
        others=("uuid", "proposed_on", "decision"),
    ),
    Form(
        name="proposal_edit",
        key="proposal",
        valid={"name": "Operation", "decision": "open"},
        texts={"name": 200, "proposed_by": 200, "reason": 500},
        others=("uuid", "proposed_on", "decision"),
    ),
    Form(name="proposal_delete", key="proposal", others=("x",)),
    Form(name="questionnaire_fill", named="peg", valid={"pain": "7"}, others=("uuid", "enjoyment", "activity")),
    Form(name="questionnaire_fill", named="global_change", others=("uuid", "compared", "attempt")),
    Form(name="questionnaire_fill", named="rmdq", others=("uuid", "rmdq_1")),
    Form(name="questionnaire_put_off", named="peg", others=("days",)),
    Form(name="response_delete", key="response", others=("x",)),
    Form(name="session_add", valid={"exercises_done": ["cat_camel"]}, others=("exercises_done", "hurt", "pain_during")),
    Form(name="morning_add", others=("on", "pain", "from")),
    Form(name="move_gate", others=("falls", "infection", "wings")),
    Form(name="move_habit", texts={"anchor": 120}, others=("rises_at", "is_measured")),
    Form(name="move_wish", others=("wish", "swap", "easier_today")),
    Form(name="move_trial", others=("judge",)),
    Form(name="move_reminders", others=("fewer",)),
    Form(
        name="settings_home",
        texts={"display_name": 80},
        others=("quiet_from", "quiet_until", "emergency_region"),
    ),
    Form(name="asked_edit", others=("asked",)),
    Form(name="zone_confirm", others=("zone",)),
    Form(name="zone_device", others=("zone",)),
    Form(name="zone_keep", others=("zone",)),
    Form(name="zone_follow", others=("zone",)),
    Form(name="mail_words", others=("says_more",)),
    Form(name="flare_begin", others=("from",)),
    Form(name="flare_end", others=("from",)),
    Form(name="reminder_add", valid=REMINDER, others=("kind", "wall_time", "weekdays", "is_active")),
    Form(name="reminder_edit", key="reminder", valid=REMINDER, others=("wall_time", "weekdays", "is_active")),
    Form(name="reminder_list", others=("until",)),
    Form(name="reminder_ways", others=("name", "endpoint", "public_key", "auth_secret")),
    Form(name="feed_words", others=("has_words",)),
    Form(
        name="health",
        texts={"allergies": 2000, "conditions": 2000, "operations": 2000, "implants": 2000},
        others=("birth_year", "sex", "fact_diabetes"),
    ),
    Form(name="medicine_add", valid=MEDICINE, texts=MEDICINE_TEXTS, others=("uuid", "started_on", "is_as_needed")),
    Form(name="medicine_edit", key="medicine", valid=MEDICINE, texts=MEDICINE_TEXTS, others=("stopped_on",)),
    Form(name="medicine_stop", key="medicine", others=("stopped_on",)),
    Form(name="intake_add", key="medicine", valid=INTAKE, texts={"dose": 120}, others=("uuid", "day", "wall_time")),
    Form(name="intake_edit", key="intake", valid=INTAKE, texts={"dose": 120}, others=("day", "wall_time")),
    Form(name="intake_tap", others=("uuid", "medicine", "entry", "from")),
    Form(
        name="import_file",
        key="import_file",
        valid={"column_0": "day", "column_1": "pain", "has_header": "on"},
        others=("column_0", "column_1", "has_header", "day_order", "encoding", "leave_out_unrated"),
    ),
    Form(name="record_open", others=("display_name", "is_adult", "consents", "zone")),
    Form(name="checkup:start", others=("x",)),
    Form(name="checkup:question", key="assessment", others=("question", "answer", "unsure")),
    Form(name="red_flags", others=("uuid", *SHORT_SET)),
    Form(name="red_flags_later", others=("uuid",)),
    Form(name="account_login", valid={"login": "a@example.org", "password": "x"}, others=("login", "password", "next")),
    Form(
        name="account_signup",
        valid={"email": "e@example.org", "password1": "x"},
        others=("email", "password1", "display_name", "is_adult", "consents", "zone"),
    ),
    Form(name="account_reset_password", others=("email",)),
    Form(
        name="plan",
        valid={"treatment_type": "own", "own_words": "x", "when": "now"},
        others=("treatment_type", "own_words", "dose", "site", "prescribed_by", "when", "planned_for"),
    ),
    Form(name="attempt_day", key="attempt", others=("day", "said")),
    Form(name="attempt_pause", key="attempt", others=("from_day",)),
    Form(name="attempt_resume", key="attempt", others=("from_day",)),
    Form(name="attempt_restart", key="attempt", others=("uuid", "from_day")),
    Form(name="file_list", valid={"kind": "photo"}, others=("uuid", "file", "kind", "title", "made_on")),
    Form(name="file_edit", key="file", valid={"kind": "photo"}, texts={"title": 200}, others=("kind", "made_on")),
    Form(name="opinion_begin", others=("attempt",)),
    Form(
        name="opinion_question",
        key="opinion",
        texts={"question": 10_000, "goal": 10_000, "worry": 10_000},
        others=("refer_to",),
    ),
    Form(
        name="opinion_contents",
        key="opinion",
        texts={"earlier_advice": 10_000},
        others=("included", "log_from", "attached"),
    ),
    Form(name="opinion_words", key="opinion", others=("sentence-x", "sentence-aaaaaaaaaaaaaaaa")),
    Form(
        name="opinion_view",
        key="opinion",
        valid={"diagnosis": "Strain"},
        texts={"clinician": 200, "ground": 10_000, "advice": 10_000},
        others=("uuid", "diagnosis"),
    ),
    Form(name="opinion_compare", key="opinion", others=("outcome", "called_now", "what_changes")),
    Form(name="opinion_paper", key="opinion", others=("paper",)),
    Form(
        name="share_add",
        valid={"scope": "summary", "days": "14"},
        texts={"meant_for": 200},
        others=("uuid", "scope", "opinion", "first_day", "last_day", "days", "passphrase", "opens_sealed"),
    ),
    Form(
        name="summary_choose",
        others=("period", "first_day", "last_day", "version", "paper", "parts", "question", "goal", "worry"),
    ),
    Form(name="summary_change", key="summary", others=("period", "first_day", "version", "paper", "question")),
    Form(
        name="appointment_add",
        valid={"day": "2026-12-01", "wall_time": "09:00"},
        texts={"with_whom": 200, "place": 500, "purpose": 10_000},
        others=("uuid", "day", "wall_time", "remind_before", "opinion"),
    ),
    Form(
        name="appointment_edit",
        key="visit",
        valid={"day": "2026-12-01", "wall_time": "09:00"},
        texts={"with_whom": 200, "place": 500, "purpose": 10_000},
        others=("day", "wall_time", "remind_before"),
    ),
    Form(name="appointment_detail", key="visit", others=("take", "drop", "new_uuid", "decided")),
]
# Addresses whose forms carry nothing but the address itself, and those that are tested by hand below.
WITHOUT_FIELDS = {
    "entry_delete",
    "help_seen",
    "reminder_delete",
    "medicine_delete",
    "intake_delete",
    "import_take_back",
    "import_confirm",
    "import_forget",
    "demo_login",
    "checkup:seen",
    "checkup:discard",
    "checkup:correct",
    "reminder_act",
    "unsubscribe",
    "attempt_restore",
    "plan_begin",
    "plan_drop",
    "file_delete",
    "opinion_close",
    "opinion_delete",
    "opinion_sealed",
    "summary_delete",
    "share_end",
    "appointment_begin",
    "appointment_cancel",
    "appointment_delete",
    "appointment_reinstate",
    "device_remove",
    "device_test",
    "feed_replace",
    "feed_stop",
    "mail_start_again",
    "pause_end",
    "sick_day",
    "sick_day_end",
}
CHECKUP_BUTTONS = ("checkup:seen", "checkup:discard", "checkup:correct")
BY_HAND = {"import_log", "erase_all"}
# Reached by a key that no account has: test_sharing_pages.py.
BY_HAND |= {"share_answer", "shared", "shared_close", "shared_file", "shared_question", "shared_sealed", "shared_view"}
BY_HAND |= {"shared_fhir", "shared_paper", "shared_pdf"}


@pytest.fixture
def everything(record: dict[str, Any], alice: Any) -> dict[str, Any]:  # noqa: F811
    file = import_files.keep(by=alice.user, content=b"day,pain\n03/04/2026,3\n", filename="log.csv", at=NOW)
    return record | {"assessment": checkups.start(by=alice.user, at=NOW), "import_file": file}


OPINION_TEXTS = ("question", "goal", "worry", "earlier_advice")
VIEW_TEXTS = ("clinician", "diagnosis", "ground", "advice")


def texts_of(person: Any) -> set[str]:
    """Every free text that is stored of a person."""
    patient = person.user.patient.__class__.objects.get(pk=person.patient.pk)
    attempts = ("own_words", "dose", "prescribed_by", "side_effects", "diagnosis__name", "diagnosis__said_by")
    profile = HealthProfile.objects.filter(patient=patient)
    return {
        patient.display_name,
        *(text for row in profile.values_list("allergies", "conditions", "operations", "implants") for text in row),
        *(text for row in patient.medicines.values_list("name", "dose", "taken_for") for text in row),
        *patient.intakes.values_list("dose", flat=True),
        *(text for row in patient.pain_entries.values_list("note", "helped", "managed") for text in row),
        *(text for row in patient.attempts.values_list(*attempts) for text in row),
        *(text for row in patient.diagnoses.values_list("name", "said_by", "ground") for text in row),
        *patient.attachments.values_list("title", flat=True),
        *patient.shares.values_list("meant_for", flat=True),
        *(text for row in patient.second_opinions.values_list(*OPINION_TEXTS) for text in row),
        *(
            text
            for row in IndependentView.objects.filter(opinion__patient=patient).values_list(*VIEW_TEXTS)
            for text in row
        ),
        *(text for row in patient.appointments.values_list("with_whom", "place", "purpose") for text in row),
        *(text for row in patient.proposals.values_list("name", "proposed_by", "reason") for text in row),
        *ExerciseProgramme.objects.filter(patient=patient).values_list("anchor", flat=True),
    }


def test_every_form_of_the_site_is_held_to_account():
    tested = {form.name for form in FORMS} | WITHOUT_FIELDS | BY_HAND
    may_post = {name for name, view in named_views() if takes_post(view)}
    assert not may_post - tested


@pytest.mark.parametrize("form", [form for form in FORMS if form.texts], ids=lambda form: form.name)
def test_text_in_a_form_is_kept_byte_for_byte_or_refused(alice, everything, form):
    client, url = client_for(alice), form.url(everything)
    strings = every(34, start=FORMS.index(form))
    columns = [rotated(strings, by=place) for place in range(len(form.texts))]
    n_kept = 0
    for values in zip(*columns, strict=True):
        sent = dict(zip(form.texts, values, strict=True))
        response = client.post(url, form.valid | sent)
        fits = all(len(text) <= form.texts[name] and "\x00" not in text for name, text in sent.items())
        assert response.status_code in (200, 302, *REFUSED), sent
        if response.status_code == 302:
            assert fits, sent
            assert {text for text in sent.values() if text.strip()} <= texts_of(alice)
            n_kept += 1
    assert n_kept > len(strings) // 3


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.name} {form.named}".strip())
def test_nonsense_in_a_form_gets_an_answer(alice, everything, form, settings):
    client, url = client_for(alice), form.url(everything)
    if form.name.startswith("account_"):
        client = Client()
    names, start = (*form.others, *form.texts), FORMS.index(form)
    sent = [dict.fromkeys(names, value) for value in some(NO_TEXT, 3, start)]
    sent += [{name: value} for place, name in enumerate(names) for value in some(NO_TEXT, 6, start + place)]
    sent += [{name: ["1", "2"] for name in names}]
    for values in sent:
        cache.clear()  # else the limit of log-ins per hour answers instead of the form
        assert client.post(url, form.valid | values).status_code < 500, values

    if settings.DATABASE_URL:  # once is enough: none of these comes as far as the database
        for body, kind in unreadable_bodies(names):
            assert client.post(url, body, content_type=kind).status_code < 500, kind
        assert client.post(url, form.valid | {names[0]: MEGABYTE}).status_code < 500


def unreadable_bodies(names: tuple[str, ...]) -> list[tuple[Any, str]]:
    raw = b"&".join(quote(name).encode() + b"=%ED%A0%80%00%FF" for name in names)
    many = "&".join(f"a{n}=1" for n in range(2_000))
    return [
        (raw, "application/x-www-form-urlencoded"),
        (many, "application/x-www-form-urlencoded"),
        (b"\x00" * 100, "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=\xff"),
        (b"{", "x"),
    ]


def test_forms_without_fields_get_an_answer_to_a_strange_key(alice, everything):
    client = client_for(alice)
    for name in (
        "entry_delete",
        "reminder_delete",
        "medicine_delete",
        "intake_delete",
        "device_test",
        *CHECKUP_BUTTONS,
    ):
        assert client.post(reverse(name, args=[new_uuid()]), {"x": "\x00"}).status_code == 404
    for text in every(25):
        for path in ("/r/", "/unsubscribe/", "/mailbox/"):
            url = f"{path}{quote(text.encode('utf-8', 'replace'), safe='')}/"
            if len(url) < 5_000:
                assert client.get(url).status_code < 500, url
                assert client.post(url).status_code < 500, url


@pytest.mark.parametrize("name", ["log.csv", "\x00.csv", "../../x.csv", "é" * 400, '"; x="', "<script>.csv", ""])
def test_a_file_with_a_strange_name_gets_an_answer(alice, name, settings, tmp_path):
    settings.VAR = tmp_path
    file = SimpleUploadedFile("x", b"day,pain\n2026-03-01,3\n")
    file._name = name
    response = client_for(alice).post("/import/", {"file": file})
    assert response.status_code in (302, 422)


def test_hostile_text_in_a_log_file_comes_back_byte_for_byte(alice, settings, tmp_path):
    import csv
    from io import StringIO

    settings.VAR = tmp_path
    notes = [text for text in STRINGS if "\x00" not in text and len(text) <= 4_000]
    table = StringIO()
    csv.writer(table).writerows(
        [
            ("day", "pain", "note"),
            *((f"20{n // 300:02}-01-{n % 28 + 1:02}", n % 11, text) for n, text in enumerate(notes)),
        ]
    )
    client = client_for(alice)
    page = client.post("/import/", {"file": SimpleUploadedFile("log.csv", table.getvalue().encode())})
    assert client.post(page.headers["Location"] + "confirm/").status_code == 302
    assert sorted(alice.patient.pain_entries.values_list("note", flat=True)) == sorted(notes)


# The API


TEXTS_OF_THE_API = {
    "entries": ({"note": 4000, "helped": 500}, {"nrs": 4, "felt_at": FELT}),
    "attempts": (
        {"own_words": 120, "dose": 120, "prescribed_by": 200, "side_effects": 500},
        {"treatment_type": "massage", "started_on": "2026-03-01", "stopped_on": "2026-03-02", "stop_reason": "done"},
    ),
    "diagnoses": ({"name": 200, "said_by": 200, "ground": 500}, {}),
    "medicines": ({"name": 120, "dose": 120, "taken_for": 200}, {}),
}


@pytest.mark.parametrize("noun", TEXTS_OF_THE_API)
def test_text_in_the_api_is_kept_byte_for_byte_or_refused(alice, noun):
    client = client_for(alice)
    lengths, valid = TEXTS_OF_THE_API[noun]
    strings = every(8)
    columns = [rotated(strings, by=7 * place) for place in range(len(lengths))]
    for values in zip(*columns, strict=True):
        sent = dict(zip(lengths, values, strict=True))
        url = f"{API}/{noun}/{new_uuid()}/"
        response = client.put(url, valid | sent, content_type="application/json")
        fits = all(len(text) <= lengths[name] and "\x00" not in text for name, text in sent.items())
        if fits and response.status_code < 300:
            answer = response.json()
            assert {name: answer[name] for name in sent} == sent
            TreatmentAttempt.objects.all().delete()
        else:
            assert response.status_code in (400, 409, 422), sent
            assert not fits or noun != "entries", sent


def test_the_name_in_the_profile_is_kept_byte_for_byte_or_refused(alice):
    client = client_for(alice)
    for text in every(8):
        response = client.patch(f"{API}/profile/", {"display_name": text}, content_type="application/json")
        fits = len(text) <= 80 and "\x00" not in text
        assert response.status_code == (200 if fits else 400), text
        assert not fits or response.json()["display_name"] == text


WRONG_TYPES = [None, True, -1, 10**18, -(10**18), 0.5, 1e300, "", "x", [], [[]], {}, {"a": {"b": []}}, ["x"] * 1000]
BODIES = {
    "entries": ["nrs", "felt_at", "zone", "sites", "interference", "note"],
    "attempts": ["treatment_type", "own_words", "site", "diagnosis", "started_on", "stopped_on", "own_trial_days"],
    "reminders": ["kind", "wall_time", "weekdays", "is_active"],
    "diagnoses": ["name", "said_on"],
    "questionnaires": ["instrument", "answers", "answered_at", "zone", "attempt", "version"],
    "medicines": ["name", "dose", "is_as_needed", "started_on", "stopped_on"],
    "intakes": ["medicine", "taken_at", "dose", "zone"],
}


@pytest.mark.parametrize("noun", BODIES)
def test_a_value_of_another_type_gets_an_answer(alice, noun):
    client = client_for(alice)
    valid = {"nrs": 4, "felt_at": FELT} if noun == "entries" else {}
    for name in BODIES[noun]:
        for value in WRONG_TYPES:
            url = f"{API}/{noun}/{new_uuid()}/"
            response = client.put(url, valid | {name: value}, content_type="application/json")
            assert response.status_code < 500, (name, value)


def test_the_check_up_over_the_api_gets_its_share(alice, everything):
    client = client_for(alice)
    url = f"{API}/assessments/{everything['assessment'].uuid}/"
    for value in (*WRONG_TYPES, *every(50)):
        for body in ({"answers": value}, {"answers": {"where": value}}, {"id": value}):
            assert client.patch(url, body, content_type="application/json").status_code < 500, body
            assert client.post(f"{API}/assessments/", body, content_type="application/json").status_code < 500, body
        if isinstance(value, str):
            body = {"answers": {value: "yes"}}
            assert client.patch(url, body, content_type="application/json").status_code < 500, body


# Addresses and headers

PARAMETERS = ("page", "range", "since", "until", "site", "entry", "question", "kind", "cursor", "limit", "from", "to")
PARAMETERS += ("next", "lang", "version", "format", "script")
NASTY = [
    "\x00",
    "9" * 30,
    "-1",
    "0000-01-01",
    "10000-01-01",
    "2026-02-30",
    "é" * 2_000,
    "<script>alert(1)</script>",
    "[]",
]
NASTY += ["//evil.example", "cD0yMDI2", "' OR 1=1 --", "\ud7ff", "1e400", "%", "all", "2026-01-01", "1900-01-01"]


def walk(patterns: list[URLPattern | URLResolver], namespace: str = "") -> list[tuple[str, Callable[..., Any]]]:
    found: list[tuple[str, Callable[..., Any]]] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += walk(pattern.url_patterns, inner)
        elif pattern.name:
            found.append((f"{namespace}{pattern.name}", pattern.callback))
    return found


def named_views() -> list[tuple[str, Callable[..., Any]]]:
    """The views of our own pages, by name."""
    ours = [
        pattern
        for pattern in get_resolver().url_patterns
        if str(pattern.pattern) in ("", "checkup/") and isinstance(pattern, URLResolver)
    ]
    return walk(ours)


def takes_post(view: Callable[..., Any]) -> bool:
    """A view that a decorator keeps to reading answers 405 before it looks at anything else."""
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    request = RequestFactory().post("/")
    request.user = AnonymousUser()
    try:
        return view(request).status_code != 405
    except Exception:  # noqa: BLE001  (it took the request, and misses its arguments)
        return True


def readable_pages(record: dict[str, Any]) -> list[str]:  # noqa: F811
    keys = {"entry": "entry", "attempt": "attempt", "reminder": "reminder", "import": "import", "checkup": "assessment"}
    keys |= {"medicine": "medicine", "intake": "intake", "diagnosis": "diagnosis", "proposal": "proposal"}
    pages = []
    for name, _ in named_views():
        owner = next((record[key] for start, key in keys.items() if name.startswith(start)), None)
        for arguments in ([], [getattr(owner, "uuid", None)], [record["advice"].pk], ["x"]):
            try:
                pages.append(reverse(name, args=[argument for argument in arguments if argument]))
                break
            except Exception:  # noqa: BLE001  (this address takes another key)
                continue
    return pages


def test_hostile_questions_to_a_page_get_an_answer(alice, everything):
    client = client_for(alice)
    pages = readable_pages(everything)
    assert len(pages) > 30
    api = [f"{API}/{noun}/" for noun in ("entries", "attempts", "verdicts", "advice", "reminders", "sessions", "docs")]
    for place, page in enumerate([*pages, *api]):
        for value in some(NASTY, 4, place):
            response = client.get(page, dict.fromkeys(PARAMETERS, value))
            assert response.status_code < 500, (page, value)
            assert b"<script>alert(1)" not in response.content
        assert client.get(f"{page}?%FF=%ED%A0%80&a[]=1&&&=&page").status_code < 500, page


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Host": "evil.example"}, id="another host"),
        pytest.param({"Host": "localhost:99999999"}, id="no such port"),
        pytest.param({"Host": "\x00"}, id="no host"),
        pytest.param({"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1" * 5_000}, id="a forwarded host"),
        pytest.param({"Accept-Language": "x" * 5_000 + ";q=" + "9" * 400}, id="a strange language"),
        pytest.param({"Accept-Language": "../../etc/passwd, \x00;q=nan"}, id="a language that is a path"),
        pytest.param({"Cookie": "session=\x00; csrf=" + "é" * 5_000}, id="strange cookies"),
        pytest.param({"Cookie": "session=" + "../" * 50}, id="a session that is a path"),
        pytest.param(
            {"If-Modified-Since": "yesterday", "If-None-Match": "\x00", "Range": "bytes=-9-9"}, id="conditions"
        ),
        pytest.param({"Accept": "*/" + "x" * 9_000, "Accept-Encoding": "\x00"}, id="strange wishes"),
        pytest.param({"Referer": "javascript:alert(1)", "Origin": "null"}, id="a strange origin"),
        pytest.param({"X-Session-Token": "\x00"}, id="a strange token"),
        pytest.param({"Content-Length": "99999999999999999999"}, id="a length beyond all"),
        pytest.param({"Content-Length": "x"}, id="a length that is none"),
    ],
)
def test_hostile_headers_get_an_answer(client, db, headers):
    for path in ("/", "/welcome/", "/accounts/login/", "/api/v1/entries/", "/nothing/here/", "/checkup/rulebook/"):
        response = client.get(path, headers=headers)
        assert response.status_code < 500, path
        assert b"evil.example" not in response.content
        assert "evil.example" not in response.headers.get("Location", "")


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT", "get", "\x00", "X" * 500])
def test_a_strange_method_gets_an_answer(alice_client, method):
    for path in ("/", "/entries/", "/api/v1/entries/", "/nothing/"):
        assert alice_client.generic(method, path).status_code < 500, path


@pytest.mark.parametrize(
    "path", ["/%00", "/%ED%A0%80/", "/%FF%FE/", "/" + "a/" * 2_000, "/api/v1/%00/", "/entries/%00/"]
)
def test_a_strange_address_is_not_found(alice_client, path):
    response = alice_client.get(path)
    assert response.status_code in (301, 404), path
    assert not response.headers.get("Location", "").startswith("//")
