"""A link from both sides: the patient who makes, watches and ends it, and whoever opens it without an account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from pypdf import PdfReader

from tests.conftest import client_for
from tests.tracker.test_attachments import picture
from tracker.models import AuditEvent, PainEntry, ShareView
from tracker.services import attachments, briefs, pain_log, second_opinions, shared, sharing, summaries, treatments

PASSPHRASE = "plum garden 7"
SECRETS = ("Scoliosis of old", "Dr. Weber", "Rest for a year", "Report of Rosenhof")


@pytest.fixture
def opinion(alice):
    """Something for the brief, and something that must not be seen before its time."""
    at, by = timezone.now(), alice.user
    on = at.date() - timedelta(days=1)
    treatments.note_diagnosis(by=by, uuid=uuid4(), name=SECRETS[0], said_by=SECRETS[1], said_on=on)
    note = f"Stiff in the morning. {SECRETS[1]} said {SECRETS[0]}."
    pain_log.add(by=by, uuid=uuid4(), source="web", at=at, felt_at=at, zone="UTC", nrs=5, note=note)
    said = {"content": picture(), "at": at, "on": on}
    result, report = (
        attachments.add(by=by, uuid=uuid4(), kind=kind, title=title, **said)
        for kind, title in (("result", "Blood count"), ("report", SECRETS[3]))
    )
    attached = (str(result.uuid), str(report.uuid))
    made = {"question": "What is it?", "earlier_advice": SECRETS[2], "attached": attached}
    return second_opinions.prepare(by=by, uuid=uuid4(), at=at, on=on, **made)


@pytest.fixture
def clinician(db):
    return Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})


def link(person, **wish):
    at = timezone.now()
    wish = sharing.Wish(**{"scope": "summary"} | wish)
    return sharing.create(by=person.user, uuid=uuid4(), at=at, on=at.date() - timedelta(days=1), wish=wish)


def of_brief(person, opinion, **wish):
    return link(person, **{"scope": "brief", "opinion": opinion, "passphrase": PASSPHRASE, "opens_sealed": True} | wish)


def address(share):
    return f"/shared/{sharing.token_of(share)}/"


def open_it(client, share, passphrase=PASSPHRASE):
    return client.post(address(share), {"passphrase": passphrase})


def write_view(client, share, **said):
    said = {"view-clinician": "Dr. Quarshie", "view-diagnosis": "Tired muscles"} | said
    return client.post(f"{address(share)}view/", said)


def acts(share):
    return list(share.shown.values_list("act", flat=True).order_by("id"))


def words(response):
    return response.content.decode()


def tells_nothing(response):
    said = words(response)
    return not any(word in said for word in ("Alice", "alice", "What is it?", "Blood count", *SECRETS))


class TestTheDoor:
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_a_mail_scanner_learns_nothing_and_leaves_no_trace(self, alice, clinician, opinion, method):
        share = of_brief(alice, opinion)
        response = getattr(clinician, method)(address(share))
        assert (response.status_code, acts(share)) == (200, [])
        assert tells_nothing(response)

    def test_only_a_post_opens_it(self, alice, clinician):
        share = link(alice)
        assert "Pain summary" not in words(clinician.get(address(share)))
        assert clinician.post(address(share)).status_code == 302
        assert "Pain summary" in words(clinician.get(address(share)))
        assert acts(share) == ["opened"]
        assert share.shown.get().device == "Firefox, Windows"

    @pytest.mark.parametrize("passphrase", ["", "wrong words", "x" * 5000])
    def test_a_wrong_passphrase_opens_nothing(self, alice, clinician, opinion, passphrase):
        share = of_brief(alice, opinion)
        response = open_it(clinician, share, passphrase)
        assert response.status_code == 422
        assert tells_nothing(response)
        assert tells_nothing(clinician.get(address(share)))

    def test_five_wrong_ones_make_a_pause_that_the_patient_sees(self, alice, alice_client, clinician, opinion):
        share = of_brief(alice, opinion)
        statuses = [open_it(clinician, share, "not this one").status_code for _ in range(6)]
        assert statuses == [422] * 5 + [429]
        assert open_it(clinician, share).status_code == 429
        assert "Gave a wrong passphrase" in words(alice_client.get(f"/links/{share.uuid}/"))

    def test_each_answer_keeps_the_key_to_itself(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        answers = [clinician.get(address(share)), clinician.get("/shared/guessed/")]
        open_it(clinician, share)
        answers += [clinician.get(address(share)), clinician.get(f"{address(share)}files/{opinion.attached[0]}/")]
        for answer in answers:
            assert answer["Referrer-Policy"] == "no-referrer"
            assert answer["Cache-Control"] == "no-store"
            assert "noindex" in answer["X-Robots-Tag"]

    def test_another_browser_finds_the_door_closed(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        assert tells_nothing(Client().get(address(share)))

    def test_the_visit_can_be_closed_and_ends_by_itself(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        clinician.post(f"{address(share)}close/")
        assert tells_nothing(clinician.get(address(share)))
        open_it(clinician, share)
        with time_machine.travel(timezone.now() + timedelta(hours=9)):
            assert tells_nothing(clinician.get(address(share)))

    def test_whoever_is_signed_in_sees_nothing_of_their_own(self, alice, charlie_client, opinion):
        share = of_brief(alice, opinion)
        open_it(charlie_client, share)
        for path in (address(share), "/shared/guessed/"):
            page = words(charlie_client.get(path))
            assert not any(sign in page for sign in ("Charlie", "charlie", 'class="nav"', 'name="account"', "Settings"))


class TestTheEnd:
    def ended(self, alice, share):
        sharing.revoke(by=alice.user, share=share, at=timezone.now())

    def expired(self, alice, share):
        alice.patient.shares.update(expires_at=timezone.now())

    def closed(self, alice, share):
        second_opinions.close(by=alice.user, opinion=share.opinion, at=timezone.now())

    def removed(self, alice, share):
        second_opinions.remove(by=alice.user, opinion=share.opinion)

    def erased(self, alice, share):
        alice.user.delete()

    def switched_off(self, alice, share):
        alice.user.is_active = False
        alice.user.save()

    @pytest.mark.parametrize(
        ("how", "status"),
        [
            pytest.param("ended", 410, id="ended by the patient"),
            pytest.param("expired", 410, id="its time is over"),
            pytest.param("closed", 410, id="closed with its second opinion"),
            pytest.param("removed", 404, id="its second opinion deleted"),
            pytest.param("erased", 404, id="account deleted"),
            pytest.param("switched_off", 404, id="account switched off"),
        ],
    )
    def test_an_open_session_stops_at_the_next_request(self, alice, clinician, opinion, how, status):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        write_view(clinician, share)
        getattr(self, how)(alice, share)
        rows = ShareView.objects.count()
        gets = ("", "sealed/", f"files/{opinion.attached[0]}/")
        posts = ("", "view/", "question/", "sealed/", "close/")
        answers = [clinician.get(address(share) + path) for path in gets]
        answers += [clinician.post(address(share) + path, {"passphrase": PASSPHRASE}) for path in posts]
        assert {answer.status_code for answer in answers} == {status}
        assert all(tells_nothing(answer) for answer in answers)
        assert ShareView.objects.count() == rows

    def test_a_link_that_ended_a_moment_ago_does_nothing_more(self, alice, opinion):
        share = of_brief(alice, opinion)
        self.ended(alice, share)
        who = {"share": share, "device": "", "at": timezone.now()}
        with pytest.raises(sharing.ShareEnded):
            shared.write_view(uuid=uuid4(), clinician="Dr. Q", diagnosis="x", **who)
        with pytest.raises(sharing.ShareEnded):
            shared.open_sealed(**who)
        assert not opinion.views.exists()

    @pytest.mark.parametrize("token", ["guessed", "x" * 43, "%00", "é", "a" * 3000])
    def test_a_guessed_link_is_nothing(self, clinician, token):
        for answer in (clinician.get(f"/shared/{token}/"), clinician.post(f"/shared/{token}/")):
            assert answer.status_code == 404


class TestTheBrief:
    def test_no_word_of_the_sealed_part_leaves_before_it_opens(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        brief = clinician.get(address(share))
        assert "What is it?" in words(brief)
        assert "Blood count" in words(brief)
        report = f"{address(share)}files/{opinion.attached[1]}/"
        answers = [brief, clinician.get(f"{address(share)}sealed/", follow=True), clinician.get(report)]
        answers += [clinician.post(f"{address(share)}sealed/"), write_view(clinician, share), clinician.get(report)]
        answers += [clinician.get(address(share)), clinician.get(f"{address(share)}sealed/", follow=True)]
        assert not any(secret in words(answer) for answer in answers for secret in SECRETS)
        opinion.refresh_from_db()
        assert opinion.sealed_opened_at is None

    def test_the_sealed_part_opens_after_a_view_and_is_noted(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        assert clinician.post(f"{address(share)}sealed/").status_code == 422
        write_view(clinician, share)
        page = clinician.post(f"{address(share)}sealed/", follow=True)
        assert all(secret in words(page) for secret in SECRETS)
        assert clinician.get(f"{address(share)}files/{opinion.attached[1]}/").status_code == 200
        assert acts(share) == ["opened", "wrote_view", "opened_sealed", "attachment"]
        opinion.refresh_from_db()
        assert opinion.sealed_opened_by == "clinician"

    @pytest.mark.postgres
    @pytest.mark.django_db(transaction=True)
    def test_opened_by_many_at_once_it_is_noted_for_each_and_opened_once(self, alice, opinion):
        shares = [of_brief(alice, opinion) for _ in range(4)]
        said = {"clinician": "Dr. Quarshie", "diagnosis": "Tired muscles"}
        second_opinions.write_view(by=alice.user, opinion=opinion, uuid=uuid4(), at=timezone.now(), **said)
        ats = [timezone.now() + timedelta(seconds=n) for n in range(4)]

        def open_one(n):
            try:
                shared.open_sealed(share=shares[n], device="", at=ats[n])
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(open_one, range(4)))
        opinion.refresh_from_db()
        assert opinion.sealed_opened_at in ats
        assert ShareView.objects.filter(act="opened_sealed").count() == 4
        assert AuditEvent.objects.filter(verb="opened sealed part").count() == 1

    def test_a_view_that_the_patient_noted_opens_it_too_behind_the_passphrase(self, alice, clinician, opinion):
        said = {"clinician": "Dr. Quarshie", "diagnosis": "Tired muscles"}
        second_opinions.write_view(by=alice.user, opinion=opinion, uuid=uuid4(), at=timezone.now(), **said)
        share = of_brief(alice, opinion)
        assert tells_nothing(clinician.post(f"{address(share)}sealed/", follow=True))
        open_it(clinician, share)
        assert SECRETS[0] in words(clinician.post(f"{address(share)}sealed/", follow=True))

    def test_a_view_through_another_link_does_not_open_it(self, alice, clinician, opinion):
        first, second = of_brief(alice, opinion), of_brief(alice, opinion)
        open_it(clinician, first)
        write_view(clinician, first)
        other = Client()
        open_it(other, second)
        assert other.post(f"{address(second)}sealed/").status_code == 422
        assert "Closed. It opens once your own view" in words(other.get(address(second)))

    def test_a_link_that_does_not_open_it_never_does(self, alice, clinician, opinion):
        share = of_brief(alice, opinion, opens_sealed=False)
        open_it(clinician, share)
        write_view(clinician, share)
        assert clinician.post(f"{address(share)}sealed/").status_code == 404
        assert "The sealed part" not in words(clinician.get(address(share)))

    def test_a_view_says_who_and_what_and_keeps_what_was_typed(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        answer = write_view(clinician, share, **{"view-diagnosis": "", "view-ground": "the way she walks"})
        assert answer.status_code == 422
        assert "the way she walks" in words(answer)
        assert not opinion.views.exists()

    def test_a_view_sent_twice_is_one(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        for _ in range(2):
            write_view(clinician, share, **{"view-uuid": "0b5dbb6e-6d5c-4f0e-9a37-6f2c3b9d7e11"})
        assert (opinion.views.count(), acts(share)) == (1, ["opened", "wrote_view"])

    def test_other_doctors_views_are_not_shown(self, alice, clinician, opinion):
        said = {"clinician": "Dr. Earlier", "diagnosis": "Something else"}
        second_opinions.write_view(by=alice.user, opinion=opinion, uuid=uuid4(), at=timezone.now(), **said)
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        assert "Dr. Earlier" not in words(clinician.get(address(share)))

    def test_files_that_do_not_go_with_it_are_not_there(self, alice, clinician, opinion):
        said = {"content": picture(), "kind": "result", "at": timezone.now(), "on": timezone.now().date()}
        other = attachments.add(by=alice.user, uuid=uuid4(), **said)
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        assert clinician.get(f"{address(share)}files/{opinion.attached[0]}/")["Content-Type"] == "image/png"
        assert clinician.get(f"{address(share)}files/{other.uuid}/").status_code == 404

    def test_acts_want_an_opened_door(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        write_view(clinician, share)
        clinician.post(f"{address(share)}question/", {"ask-text": "Since when?"})
        clinician.post(f"{address(share)}sealed/")
        assert (opinion.views.count(), share.questions.count(), acts(share)) == (0, 0, [])


class TestTakingItAlong:
    @pytest.mark.parametrize("paper", ["a4", "letter"])
    def test_the_pdf_is_what_the_page_shows_and_is_noted(self, alice, clinician, opinion, paper):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        answer = clinician.get(f"{address(share)}pdf/{paper}/")
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
        assert "What is it?" in text
        assert not any(secret in text for secret in SECRETS)
        assert answer["Content-Disposition"].startswith('attachment; filename="ebb-')
        assert acts(share) == ["opened", "pdf"]

    def test_the_fhir_document_is_noted(self, alice, clinician, opinion):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        answer = clinician.get(f"{address(share)}fhir/")
        assert answer.json()["type"] == "document"
        assert not any(secret in words(answer) for secret in SECRETS)
        assert acts(share) == ["opened", "fhir"]

    def test_a_summary_tells_what_was_said_so_far(self, alice, clinician, opinion):
        share = link(alice)
        clinician.post(address(share))
        assert SECRETS[0] in words(clinician.get(f"{address(share)}fhir/"))

    def test_a_large_one_is_made_by_a_worker_and_noted_when_it_goes_out(self, alice, clinician, opinion, monkeypatch):
        monkeypatch.setattr(summaries, "AT_ONCE_SIGNS", 10)
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        path = f"{address(share)}pdf/a4/"
        waiting = clinician.get(path, follow=True)
        assert "Making the PDF" in words(waiting)
        assert clinician.get(path).status_code == 302
        summaries.make_due(clock=timezone.now)
        assert "The PDF is ready" in words(clinician.get(f"{path}progress/"))
        assert clinician.get(path).content.startswith(b"%PDF")
        assert acts(share) == ["opened", "pdf"]
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            assert clinician.get(path).status_code == 302

    def test_what_a_clinician_had_made_is_not_among_the_patients_own(self, alice, alice_client, clinician, monkeypatch):
        monkeypatch.setattr(summaries, "AT_ONCE_SIGNS", 10)
        share = link(alice)
        clinician.post(address(share))
        clinician.get(f"{address(share)}pdf/a4/")
        kept = alice.patient.summaries.get()
        assert alice_client.get(f"/for-my-doctor/{kept.uuid}/").status_code == 404

    @pytest.mark.parametrize("path", ["pdf/a4/", "pdf/a4/progress/", "fhir/"])
    def test_it_wants_an_opened_door(self, alice, clinician, opinion, path):
        share = of_brief(alice, opinion)
        assert clinician.get(address(share) + path)["Location"] == address(share)
        assert acts(share) == []

    @pytest.mark.parametrize("path", ["pdf/a4/", "pdf/folio/", "fhir/"])
    def test_what_there_is_not_is_not_there(self, alice, clinician, path):
        day = timezone.now().date() - timedelta(days=1)
        share = link(alice, **({} if "folio" in path else {"scope": "log", "first_day": day, "last_day": day}))
        clinician.post(address(share))
        assert clinician.get(address(share) + path).status_code == 404

    def test_the_page_builds_the_brief_once(self, alice, clinician, opinion, monkeypatch):
        share, built, build = of_brief(alice, opinion), [], briefs.brief
        open_it(clinician, share)
        monkeypatch.setattr(briefs, "brief", lambda **said: built.append(1) or build(**said))
        clinician.get(address(share))
        assert len(built) == 1
        clinician.get(f"{address(share)}files/{opinion.attached[0]}/")
        assert len(built) == 1


class TestTooMuchAtOnce:
    FORM = "application/x-www-form-urlencoded"

    @pytest.mark.parametrize(
        ("path", "field"), [("view/", "view-ground"), ("question/", "ask-text")], ids=["a view", "a question"]
    )
    def test_it_is_said_and_what_was_typed_is_kept(self, alice, clinician, opinion, path, field):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        body = f"{field}=The+way+she+w%C3%A4lks%00{'+x' * 700_000}"
        answer = clinician.post(address(share) + path, body, content_type=self.FORM)
        assert answer.status_code == 413
        assert "The way she wälks" in words(answer)
        assert "Each field takes 10,000 characters" in words(answer)
        assert 'class="nav"' not in words(answer)
        assert (opinion.views.count(), share.questions.count()) == (0, 0)

    @pytest.mark.parametrize("size", [3_000_000, 7_000_000])
    def test_the_door_answers_in_its_own_frame(self, alice, charlie_client, opinion, size):
        share = of_brief(alice, opinion)
        answer = charlie_client.post(address(share), "passphrase=" + "x" * size, content_type=self.FORM)
        assert answer.status_code == 413
        assert "That was too much at once" in words(answer)
        assert not any(sign in words(answer) for sign in ("Charlie", 'class="nav"'))
        assert answer["Referrer-Policy"] == "no-referrer"


class TestHostileWords:
    """What a clinician writes comes back byte for byte and as words; what cannot be kept is said in words."""

    KEPT = [
        pytest.param("<script>alert(1)</script>{{ x }}{% url %}", id="markup"),
        pytest.param("וְהַכְּאֵב חוזר בלילה · ألم في الظهر", id="from right to left"),
        pytest.param("🙂🏽 e" + "\u0301" * 300, id="emoji, and a heap of marks"),
        pytest.param("x" * 10_000, id="ten thousand letters"),
        pytest.param("'; drop table tracker_share; --", id="a query"),
    ]

    @pytest.mark.parametrize("text", KEPT)
    def test_a_view_and_a_question_are_kept_as_they_are(self, alice, clinician, opinion, text):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        write_view(clinician, share, **{"view-ground": text})
        clinician.post(f"{address(share)}question/", {"ask-text": text})
        assert (opinion.views.get().ground, share.questions.get().text) == (text, text)
        page = words(clinician.get(address(share)))
        assert escape(text)[:2_000] in page.replace("<br>", "\n")

    @pytest.mark.parametrize("text", ["x" * 10_001, "nul\0"])
    def test_what_cannot_be_kept_is_said_and_stays_in_the_form(self, alice, clinician, opinion, text):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        for path, field in (("view/", "view-ground"), ("question/", "ask-text")):
            said = {"view-clinician": "Dr. Kept", "ask-asked_by": "Dr. Kept", "view-diagnosis": "x", field: text}
            answer = clinician.post(address(share) + path, said)
            assert (answer.status_code, "Dr. Kept" in words(answer)) == (422, True)
        assert (opinion.views.count(), share.questions.count()) == (0, 0)

    def test_a_log_of_ten_thousand_entries_is_paged(self, alice, clinician, django_assert_max_num_queries):
        log_many(alice, 10_000)
        day = timezone.now().date() - timedelta(days=1)
        share = link(alice, scope="log", first_day=day - timedelta(days=2_000), last_day=day)
        clinician.post(address(share))
        with django_assert_max_num_queries(12):
            page = words(clinician.get(f"{address(share)}?page=50"))
        assert "Page 50 of 50" in page
        assert page.count("<tr>") == 200 + 1


def log_many(person, n):
    """Six a day, up to yesterday."""
    now = timezone.now()
    felt = [now - timedelta(days=1 + number // 6, minutes=number % 6) for number in range(n)]
    PainEntry.objects.bulk_create(
        PainEntry(
            patient=person.patient,
            uuid=uuid4(),
            nrs=number % 11,
            felt_at=at,
            recorded_at=now,
            changed_at=now,
            local_date=at.date(),
            zone="UTC",
            source="web",
        )
        for number, at in enumerate(felt)
    )


class TestOtherScopes:
    def test_the_log_holds_its_period_and_no_more(self, alice, clinician):
        at = timezone.now()
        for days, note in ((1, "within"), (9, "before it")):
            felt = {"felt_at": at - timedelta(days=days), "zone": "UTC"}
            pain_log.add(by=alice.user, uuid=uuid4(), source="web", at=at, nrs=3, note=note, **felt)
        day = (at - timedelta(days=1)).date()
        share = link(alice, scope="log", first_day=day, last_day=day)
        clinician.post(address(share))
        page = words(clinician.get(address(share)))
        assert "within" in page
        assert "before it" not in page

    @pytest.mark.parametrize("path", ["view/", "sealed/"])
    def test_a_summary_takes_no_view_and_has_no_sealed_part(self, alice, clinician, path):
        share = link(alice)
        clinician.post(address(share))
        said = {"view-clinician": "Dr. Q", "view-diagnosis": "x"}
        assert clinician.post(address(share) + path, said).status_code == 404


class TestThePatient:
    PAGES = ("", "end/", "questions/{question}/")

    def test_the_only_second_opinion_is_chosen_already(self, alice, alice_client, opinion):
        chosen = f'<option value="{opinion.uuid}" selected>'
        assert chosen in words(alice_client.get("/links/new/"))
        second_opinions.prepare(by=alice.user, uuid=uuid4(), at=timezone.now(), on=timezone.now().date())
        assert chosen not in words(alice_client.get("/links/new/"))

    def test_a_link_is_made_on_its_form_and_shown_to_copy(self, alice, alice_client, opinion):
        said = {"scope": "brief", "opinion": str(opinion.uuid), "days": "14", "passphrase": PASSPHRASE}
        page = alice_client.post("/links/new/", said | {"opens_sealed": "on", "meant_for": "Dr. Q"}, follow=True)
        share = alice.patient.shares.get()
        assert (share.opinion, share.opens_sealed, share.meant_for) == (opinion, True, "Dr. Q")
        assert address(share) in words(page)
        assert PASSPHRASE not in words(page)

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param({"scope": "brief", "days": "14"}, id="a brief of nothing"),
            pytest.param({"scope": "log", "days": "14"}, id="a log without a period"),
            pytest.param({"scope": "summary", "days": "91"}, id="too long"),
            pytest.param({"scope": "summary", "days": "14", "passphrase": "short"}, id="a short passphrase"),
            pytest.param({"scope": "everything", "days": "14"}, id="a scope that there is not"),
        ],
    )
    def test_what_cannot_be_is_told_and_kept(self, alice, alice_client, opinion, said):
        response = alice_client.post("/links/new/", said | {"meant_for": "Dr. Kept"})
        assert response.status_code == 422
        assert "Dr. Kept" in words(response)
        assert not alice.patient.shares.exists()

    def test_the_sealed_part_wants_a_passphrase(self, alice, alice_client, opinion):
        said = {"scope": "brief", "opinion": str(opinion.uuid), "days": "14", "opens_sealed": "on"}
        assert "never shared without a passphrase" in words(alice_client.post("/links/new/", said))

    def test_one_button_ends_it(self, alice, alice_client, clinician):
        share = link(alice)
        alice_client.post(f"/links/{share.uuid}/end/")
        assert clinician.get(address(share)).status_code == 410
        assert address(share) not in words(alice_client.get(f"/links/{share.uuid}/"))

    def test_a_question_is_answered_and_the_answer_seen(self, alice, alice_client, clinician, opinion):
        share = of_brief(alice, opinion)
        open_it(clinician, share)
        clinician.post(f"{address(share)}question/", {"ask-text": "Since <when>?", "ask-asked_by": "Dr. Q"})
        assert "1 question waits" in words(alice_client.get("/links/"))
        question = share.questions.get()
        said = {f"{question.uuid}-text": "Since May."}
        alice_client.post(f"/links/{share.uuid}/questions/{question.uuid}/", said)
        page = words(clinician.get(address(share)))
        assert "Since &lt;when&gt;?" in page
        assert "Since May." in page

    def test_an_empty_answer_is_refused_in_words(self, alice, alice_client, clinician):
        share = link(alice)
        question = sharing.ask(share=share, uuid=uuid4(), text="Why?", asked_by="", at=timezone.now())
        response = alice_client.post(f"/links/{share.uuid}/questions/{question.uuid}/", {f"{question.uuid}-text": " "})
        assert response.status_code == 422
        assert "Write something first" in words(response)

    @pytest.mark.parametrize("path", PAGES)
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_another_patient_finds_nothing(self, alice, charlie_client, path, method):
        share = link(alice, meant_for="Dr. Hers")
        question = sharing.ask(share=share, uuid=uuid4(), text="Why?", asked_by="", at=timezone.now())
        path = f"/links/{share.uuid}/{path.format(question=question.uuid)}"
        response = getattr(charlie_client, method)(path, {f"{question.uuid}-text": "x"})
        assert response.status_code in (404, 405)
        assert "Dr. Hers" not in words(response)
        share.refresh_from_db()
        question.refresh_from_db()
        assert (share.revoked_at, question.answer) == (None, "")

    def test_another_patients_opinion_cannot_be_shared(self, alice, charlie, opinion):
        said = {"scope": "brief", "opinion": str(opinion.uuid), "days": "14"}
        client_for(charlie).post("/links/new/", said)
        assert not charlie.patient.shares.exists()

    def test_it_is_reached_from_the_second_opinion_and_settings(self, alice, alice_client, opinion):
        assert f"/links/new/?scope=brief&amp;opinion={opinion.uuid}" in words(
            alice_client.get(f"/second-opinion/{opinion.uuid}/")
        )
        assert 'href="/links/"' in words(alice_client.get("/settings/"))
