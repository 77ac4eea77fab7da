import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTPServerDisconnected

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.conftest import PASSWORD
from tests.sink import SILENCE, running_sink
from tracker.models import Circuit, Patient, User
from tracker.services import accounts, circuit, delivery

DIANA = {
    "email": "diana@example.org",
    "password1": "a quiet harbour town",
    "display_name": "Diana",
    "is_adult": "on",
    "consents": "on",
    "zone": "Europe/Lisbon",
}


@pytest.fixture(autouse=True)
def _fresh_rate_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def operator(db):
    user = User.objects.create_superuser("operator@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_up(client, **changes):
    answers = {name: value for name, value in (DIANA | changes).items() if value is not None}
    return client.post(reverse("account_signup"), answers)


def link_in(message):
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/accounts/\S+)", message.body)[:1]
    return path


def test_a_record_asked_for_twice_at_once_is_one(alice):
    again = accounts.open_record(by=alice.user, is_adult=True, consents=True, at=timezone.now(), zone="Asia/Tokyo")
    assert (again, again.zone) == (alice.patient, "Europe/Berlin")


class TestSignUp:
    @pytest.mark.parametrize("missing", ["is_adult", "consents", "email", "password1"])
    def test_opens_nothing_where_an_answer_is_missing(self, client, db, missing):
        response = sign_up(client, **{missing: None})
        assert response.context["form"].errors.keys() == {missing}
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("display_name", "x" * 81),
            ("display_name", "a\x00b"),
            ("email", "not an address"),
            ("email", "a\x00@example.org"),
            ("email", "x" * 300 + "@example.org"),
            ("password1", "short"),
            ("password1", "v7-kettle-q"),
            ("password1", "password12"),
        ],
    )
    def test_says_what_is_wrong(self, client, db, field, value):
        assert field in sign_up(client, **{field: value}).context["form"].errors
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        "zone", ["", "Mars/Olympus", "localtime", "Factory", "../../etc/passwd", "Europe/Lisbon\x00"]
    )
    def test_passes_over_a_strange_zone(self, client, db, zone):
        sign_up(client, zone=zone)
        assert [patient.zone for patient in Patient.objects.all()] in ([], ["UTC"])

    def test_opens_the_record_with_consent_and_the_zone_of_the_browser(self, client, db):
        sign_up(client)
        patient = Patient.objects.get()
        assert (patient.zone, patient.zone_confirmed_at) == ("Europe/Lisbon", None)
        assert (patient.is_adult, bool(patient.consented_at), patient.display_name) == (True, True, "Diana")

    def test_needs_no_name(self, client, db):
        sign_up(client, display_name="")
        assert Patient.objects.get().display_name == ""

    def test_asks_for_the_address_to_be_confirmed_in_neutral_words(self, client, db):
        sign_up(client)
        (message,) = mail.outbox
        assert message.to == ["diana@example.org"]
        assert not re.search("pain|health|treat|patient", message.subject + message.body, re.IGNORECASE)

    def test_logs_in_by_the_link_of_the_mail(self, client, db):
        sign_up(client)
        path = link_in(mail.outbox[0])
        assert client.get(path).status_code == 200
        assert not EmailAddress.objects.get().verified
        assert client.post(path, follow=True).context["user"].email == "diana@example.org"
        assert EmailAddress.objects.get().verified

    def test_sends_links_to_this_installation_whatever_host_was_asked(self, client, db):
        client.post(reverse("account_signup"), DIANA, headers={"host": "localhost"})
        assert "http://127.0.0.1:8000/accounts/confirm-email/" in mail.outbox[0].body

    def test_does_not_tell_that_an_address_is_taken(self, client, alice):
        response = sign_up(client, email=alice.email)
        assert response.url == reverse("account_email_verification_sent")
        assert User.objects.count() == 1

    def test_sent_twice_at_once_opens_one_account(self, client, db, monkeypatch):
        sign_up(Client())
        monkeypatch.setattr(
            "allauth.account.internal.flows.manage_email.email_already_exists", lambda email, **_: (email, False)
        )
        response = sign_up(client)
        assert (response.status_code, response.url) == (302, reverse("account_email_verification_sent"))
        assert (User.objects.count(), Patient.objects.count()) == (1, 1)

    def test_survives_a_mail_server_that_is_down(self, client, db, monkeypatch):
        def refuse(*args, **kwargs):
            raise SMTPServerDisconnected

        monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
        assert sign_up(client).status_code == 302
        assert Patient.objects.exists()

    @pytest.mark.processes
    def test_says_that_no_mail_went_out_and_keeps_nobody_waiting(self, client, db, settings, monkeypatch):
        monkeypatch.setattr("tracker.web.accounts.SENT_WITHIN_S", 0.3)
        with running_sink(banner=SILENCE) as sink:
            settings.EMAIL_BACKEND, settings.EMAIL_PORT = "config.mail.StagedSMTPBackend", sink.port
            settings.EMAIL_HOST = "127.0.0.1"
            assert sign_up(client).status_code == 302
            assert "could not be sent" in client.get(reverse("account_email_verification_sent")).content.decode()
            assert (Patient.objects.count(), Circuit.objects.get().n_failures) == (1, 1)

    def test_a_server_that_is_known_to_be_away_is_not_asked(self, client, db, mailoutbox):
        for _ in range(circuit.OPENS_AFTER):
            circuit.failed(circuit.MAIL, words="away", at=timezone.now())
        sign_up(client)
        assert (mailoutbox, Patient.objects.count()) == ([], 1)

    def test_a_worker_with_nothing_to_send_leaves_the_next_try_to_who_has(self, client, db, mailoutbox):
        for _ in range(circuit.OPENS_AFTER):
            circuit.failed(circuit.MAIL, words="away", at=timezone.now() - circuit.FIRST_PAUSE)
        delivery.drain(clock=timezone.now)
        sign_up(client)
        assert (len(mailoutbox), circuit.state(circuit.MAIL)) == (1, None)

    def test_a_mail_that_went_out_closes_the_circuit(self, client, db, mailoutbox):
        circuit.failed(circuit.MAIL, words="away", at=timezone.now())
        sign_up(client)
        assert (len(mailoutbox), circuit.state(circuit.MAIL)) == (1, None)

    def test_is_closed_by_the_operator(self, client, db, settings):
        settings.EBB_REGISTRATION = False
        assert "No new accounts here" in sign_up(client).content.decode()
        assert not User.objects.exists()
        assert reverse("account_signup") not in client.get(reverse("welcome")).content.decode()


class TestLogIn:
    def test_refuses_a_wrong_password(self, client, alice):
        response = client.post(reverse("account_login"), {"login": alice.email, "password": "wrong"})
        assert response.context["form"].errors
        assert not client.get(reverse("today")).wsgi_request.user.is_authenticated

    def test_sends_a_new_link_where_the_address_is_not_confirmed(self, client, db):
        sign_up(client)
        stranger = Client()
        stranger.post(reverse("account_login"), {"login": DIANA["email"], "password": DIANA["password1"]})
        assert not stranger.get(reverse("today")).wsgi_request.user.is_authenticated

    def test_knows_the_address_in_any_case(self, client, alice):
        client.post(reverse("account_login"), {"login": alice.email.upper(), "password": alice.password})
        assert client.get(reverse("today")).context["page"].patient == alice.patient

    def test_lasts_thirty_days_from_the_last_use(self, client, alice):
        with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as clock:
            client.post(reverse("account_login"), {"login": alice.email, "password": alice.password})
            for days, status in ((20, 200), (20, 200), (31, 302)):
                clock.shift(timedelta(days=days))
                assert client.get(reverse("reminder_list")).status_code == status

    def test_logs_out_by_post_alone(self, alice_client):
        assert alice_client.get(reverse("account_logout")).status_code == 200
        assert alice_client.get(reverse("today")).status_code == 200
        alice_client.post(reverse("account_logout"))
        assert alice_client.get(reverse("today")).url == reverse("welcome")


class TestPasswordReset:
    def test_says_the_same_for_any_address(self, client, alice):
        answers = [
            client.post(reverse("account_reset_password"), {"email": email}).url
            for email in (alice.email, "nobody@example.org")
        ]
        assert answers[0] == answers[1]

    def test_refuses_a_made_up_link(self, client, db):
        response = client.get("/accounts/password/reset/key/1-abc-def/", follow=True)
        assert response.context["token_fail"]

    def test_gives_a_new_password(self, client, alice):
        client.post(reverse("account_reset_password"), {"email": alice.email})
        page = client.get(link_in(mail.outbox[0]), follow=True)
        path = page.redirect_chain[-1][0]
        client.post(path, {"password1": "a harbour in the fog", "password2": "a harbour in the fog"})
        alice.user.refresh_from_db()
        assert alice.user.check_password("a harbour in the fog")


ACCOUNT_PAGES = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
ACCOUNT_PAGES += ["account_email_verification_sent", "account_inactive", "account_reset_password_from_key_done"]
OWN_PAGES = ["account_email", "account_change_password", "account_logout", "account_reauthenticate"]


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_account_pages_wear_our_clothes(client, db, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "base.html" in [template.name for template in response.templates]
    assert b"config/css/tokens.css" in response.content


@pytest.mark.parametrize("name", OWN_PAGES)
def test_pages_of_the_own_account_wear_our_clothes(alice_client, name):
    response = alice_client.get(reverse(name))
    assert response.status_code == 200
    assert b'aria-label="Main"' in response.content


@pytest.mark.parametrize("name", ["account_signup", "account_login", "account_reset_password"])
def test_e_mail_is_spelled_in_one_way(client, db, name):
    for response in (client.get(reverse(name)), client.post(reverse(name), {"email": "x", "login": "x"})):
        words = re.sub(r"<[^>]*>", " ", response.content.decode())
        shown = words + " ".join(re.findall(r'(?:placeholder|aria-label)="([^"]*)"', response.content.decode()))
        assert "E-mail" in shown
        assert not re.search(r"\bemail\b", shown, re.IGNORECASE)


def test_e_mail_is_spelled_in_one_way_in_what_is_said_of_an_address(alice_client):
    response = alice_client.post(reverse("account_email"), {"action_add": "", "email": "alice@example.org"})
    words = re.sub(r"<[^>]*>", " ", response.content.decode())
    assert "already one of yours" in words
    assert not re.search(r"\bemail\b", words, re.IGNORECASE)


class TestWelcome:
    def test_greets_strangers_at_the_root(self, client, db):
        assert client.get("/").url == reverse("welcome")

    def test_leads_those_who_are_logged_in_to_today(self, alice_client):
        assert alice_client.get(reverse("welcome")).url == reverse("today")

    def test_says_what_is_stored(self, client, db):
        assert client.get(reverse("stored")).status_code == 200

    def test_shows_the_mailbox_in_local_mode_alone(self, client, db, settings):
        assert reverse("mailbox") in client.get(reverse("welcome")).content.decode()
        settings.LOCAL_MODE = False
        assert reverse("mailbox") not in client.get(reverse("welcome")).content.decode()


class TestDemoLogIn:
    @pytest.fixture
    def dana(self, charlie):
        Patient.objects.filter(user=charlie.user).update(is_demo=True)
        return charlie

    def test_does_not_exist_elsewhere(self, client, dana, settings):
        settings.LOCAL_MODE = False
        assert client.post(reverse("demo_login")).status_code == 404
        assert reverse("demo_login") not in client.get(reverse("welcome")).content.decode()

    def test_needs_a_demonstration_patient(self, client, alice):
        assert client.post(reverse("demo_login")).status_code == 404

    def test_is_not_done_by_following_a_link(self, client, dana):
        assert client.get(reverse("demo_login")).status_code == 405

    def test_logs_in_as_the_demonstration_patient_never_as_another(self, client, alice, dana):
        client.post(reverse("demo_login"))
        assert client.get(reverse("today")).context["page"].patient == dana.patient


class TestWithoutARecord:
    @pytest.mark.parametrize("name", ["today", "entry_list", "entry_earlier", "settings_home", "zone_confirm"])
    def test_every_page_leads_to_the_two_questions(self, client, db, name):
        client.force_login(User.objects.create_user("new@example.org"))
        assert client.get(reverse(name)).url == reverse("record_open")

    def test_whoever_runs_ebb_is_led_to_their_own_page(self, client, operator):
        client.force_login(operator)
        assert client.get(reverse("today")).url == reverse("operator_home")

    def test_nothing_opens_without_consent(self, client, operator):
        client.force_login(operator)
        assert client.post(reverse("record_open"), {"is_adult": "on"}).context["form"].errors.keys() == {"consents"}
        assert not Patient.objects.exists()

    def test_opens_with_both(self, client, operator):
        client.force_login(operator)
        client.post(reverse("record_open"), {"is_adult": "on", "consents": "on", "zone": "Asia/Tokyo"})
        assert Patient.objects.get().zone == "Asia/Tokyo"

    def test_is_asked_once(self, alice_client):
        assert alice_client.post(reverse("record_open"), {"is_adult": "on", "consents": "on"}).url == reverse("today")


@pytest.mark.parametrize(
    ("status", "path"), [pytest.param(404, "/nowhere/", id="404"), pytest.param(404, "/entries/not-a-uuid/", id="uuid")]
)
def test_error_pages_speak_in_the_same_look(client, db, status, path):
    response = client.get(path)
    assert response.status_code == status
    assert b"config/css/tokens.css" in response.content


def test_a_stale_form_is_refused_in_words(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user)
    response = client.post(reverse("entry_add"), {"nrs": "4"})
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()
    assert not alice.patient.pain_entries.exists()


def test_mails_and_pages_of_accounts_never_fall_back_to_the_words_of_the_library():
    import allauth

    theirs = Path(allauth.__file__).parent / "templates" / "account"
    ours = Path(__file__).parents[2] / "config" / "templates" / "account"
    unused = re.compile("code|phone|passkey|base_|snippets")
    missing = [
        path.relative_to(theirs)
        for path in theirs.rglob("*.*")
        if not unused.search(str(path.relative_to(theirs))) and not (ours / path.relative_to(theirs)).exists()
    ]
    assert missing == [Path("email_change.html")]


HOSTILE_JSON = [
    pytest.param('{"email": "a@example.org", "password": "\\ud800 quiet harbour town"}', id="half a surrogate pair"),
    pytest.param('{"email": "a\\u0000@example.org", "password": "x"}', id="NUL"),
    pytest.param('{"email": NaN}', id="not a number"),
    pytest.param("[" * 50_000, id="nested deeply"),
    pytest.param("\x00", id="not JSON"),
]


@pytest.mark.parametrize("path", ["signup", "login", "password/request"])
@pytest.mark.parametrize("body", HOSTILE_JSON)
def test_the_log_in_of_mobile_clients_refuses_hostile_json(client, db, path, body):
    response = client.post(f"/_allauth/app/v1/auth/{path}", body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["errors"]


def test_too_many_tries_are_refused_in_words(client, alice):
    for _ in range(30):
        response = client.post(reverse("account_login"), {"login": alice.email, "password": "wrong"})
        if response.status_code == 429:
            break
    assert response.status_code == 429 or response.context["form"].errors
    too_many = client.post(reverse("account_login"), {"login": alice.email, "password": alice.password})
    assert not client.get(reverse("today")).wsgi_request.user.is_authenticated
    assert "base.html" in [template.name for template in too_many.templates]
