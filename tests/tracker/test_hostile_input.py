"""Anything hostile in a form, a body, an address or a header gets an answer below 500.

Text that is taken comes back byte for byte; text that is refused changes nothing.
"""

from collections.abc import Callable
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
from tests.tracker.naughty import MEGABYTE, NASTY, STRINGS, WRONG_TYPES, every, rotated, some
from tests.tracker.site_forms import BY_HAND, CHECKUP_BUTTONS, FORMS, WITHOUT_FIELDS
from tracker.models import ExerciseProgramme, HealthProfile, IndependentView, TreatmentAttempt
from tracker.services import import_files

FELT = "2026-03-01T07:30:00Z"
REFUSED = range(400, 500)
# What a field that is not text may be sent: a share of them to each field of a form, others of them to the next field.
NO_TEXT = ["", "\x00", "9" * 20, "-1", "NaN", "0000-01-01", "10000-01-01", "é" * 5_000, "'\";--", "\ud7ff\ue000", "[]"]
NO_TEXT += ["25:61", "1e400", "٣", "%00", "../..", "None", "true", "2026-02-30", "99999-99-99", "12345678-1234"]


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
    sent = [dict.fromkeys(names, value) for value in some(NO_TEXT, 8, start)]
    sent += [{name: value} for place, name in enumerate(names) for value in some(NO_TEXT, 12, start + place)]
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
