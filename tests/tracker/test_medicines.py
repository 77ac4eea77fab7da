"""Medicines and intakes: their service, their pages, and the chips on Today."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import client_for
from tracker.domain.text import TextNotStorable
from tracker.models import AuditEvent, Intake, Medicine
from tracker.services import accounts, medicines, pain_log

NOW = datetime(2026, 6, 3, 12, 5, tzinfo=UTC)  # 14:05 in Berlin
TODAY = NOW.date()
UUID_1 = UUID(int=1)
TAP = reverse("intake_tap")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def add(person, **said):
    said = {"uuid": uuid4(), "name": "Ibuprofen", "dose": "400 mg"} | said
    return medicines.add_medicine(by=person.user, at=NOW, on=TODAY, **said)


def take(person, medicine, uuid=None, **said):
    return medicines.take(by=person.user, uuid=uuid or uuid4(), medicine=medicine, at=NOW, **said)[0]


def text_of(response):
    return " ".join(response.content.decode().split())


def today_of(client):
    return text_of(client.get("/"))


class TestTheListOfMedicines:
    @pytest.mark.parametrize(
        ("said", "refusal"),
        [
            pytest.param({"name": " \n"}, medicines.MedicineNameMissing, id="no name"),
            pytest.param({"name": "x" * 121}, TextNotStorable, id="a name too long"),
            pytest.param({"dose": "a\0"}, TextNotStorable, id="NUL"),
            pytest.param({"started_on": date(1899, 12, 31)}, medicines.MedicineDayOutOfRange, id="long ago"),
            pytest.param({"stopped_on": date(2030, 1, 1)}, medicines.MedicineDayOutOfRange, id="far ahead"),
            pytest.param(
                {"started_on": TODAY, "stopped_on": TODAY - timedelta(days=1)},
                medicines.MedicineStopsBeforeStart,
                id="stops first",
            ),
        ],
    )
    def test_refuses_what_a_medicine_cannot_be(self, alice, said, refusal):
        with pytest.raises(refusal):
            add(alice, **said)
        assert not Medicine.objects.exists()

    def test_refuses_another_medicine_under_the_same_key(self, alice):
        add(alice, uuid=UUID_1)
        with pytest.raises(medicines.MedicineAlreadyThere):
            add(alice, uuid=UUID_1, name="Paracetamol")
        assert add(alice, uuid=UUID_1).name == "Ibuprofen"

    def test_the_same_key_of_two_patients_is_two_medicines(self, alice, bob):
        assert add(alice, uuid=UUID_1) != add(bob, uuid=UUID_1)

    def test_in_use_is_from_the_first_day_to_the_day_before_the_stop(self, alice):
        add(alice, name="a", started_on=TODAY, stopped_on=TODAY + timedelta(days=1))
        add(alice, name="b", started_on=TODAY + timedelta(days=1))
        add(alice, name="c", stopped_on=TODAY)
        assert [medicine.name for medicine in alice.patient.medicines.in_use(TODAY)] == ["a"]

    def test_each_write_is_written_down(self, alice):
        medicine = add(alice)
        medicines.stop_medicine(by=alice.user, medicine=medicine, stopped_on=TODAY, at=NOW, on=TODAY)
        medicines.remove_medicine(by=alice.user, medicine=medicine)
        said = AuditEvent.objects.filter(subject=f"medicine {medicine.uuid}").order_by("id")
        assert [event.verb for event in said] == ["added", "changed", "deleted"]


class TestAnIntake:
    def test_is_never_in_the_future_and_never_of_another_patients_medicine(self, alice, charlie):
        medicine = add(alice)
        with pytest.raises(medicines.IntakeInFuture):
            take(alice, medicine, taken_at=NOW + timedelta(minutes=3))
        with pytest.raises(medicines.IntakeTooOld):
            take(alice, medicine, taken_at=datetime(1890, 1, 1, tzinfo=UTC))
        with pytest.raises(medicines.NoSuchMedicine):
            take(charlie, medicine)
        with pytest.raises(accounts.UnknownZone):
            take(alice, medicine, zone="Mars/Base")
        assert not Intake.objects.exists()

    def test_is_now_and_the_usual_dose_unless_it_says_otherwise(self, alice):
        intake = take(alice, add(alice))
        assert (intake.taken_at, intake.dose, intake.zone, intake.local_date) == (NOW, "400 mg", "Europe/Berlin", TODAY)

    def test_sent_twice_is_one_and_changed_where_it_says_something_else(self, alice):
        medicine = add(alice)
        take(alice, medicine, UUID_1)
        _, is_new = medicines.take(by=alice.user, uuid=UUID_1, medicine=medicine, at=NOW + timedelta(hours=1))
        assert not is_new
        changed = take(alice, medicine, UUID_1, dose="200 mg")
        assert (Intake.objects.count(), changed.dose, changed.taken_at) == (1, "200 mg", NOW)

    def test_its_day_is_that_of_its_own_zone(self, alice):
        late = datetime(2026, 6, 2, 23, 30, tzinfo=UTC)
        medicine = add(alice)
        assert take(alice, medicine, taken_at=late).local_date == date(2026, 6, 3)
        assert take(alice, medicine, taken_at=late, zone="America/New_York").local_date == date(2026, 6, 2)

    def test_keeps_its_dose_when_the_medicine_changes(self, alice):
        medicine = add(alice)
        take(alice, medicine)
        medicines.change_medicine(by=alice.user, medicine=medicine, at=NOW, on=TODAY, dose="600 mg")
        assert Intake.objects.get().dose == "400 mg"

    def test_a_tap_repeated_is_one_but_a_page_used_again_makes_another(self, alice):
        medicine, other = add(alice), add(alice, name="Paracetamol")
        given = {"by": alice.user, "uuid": UUID_1}
        first = medicines.tap(medicine=medicine, at=NOW, **given)
        assert medicines.tap(medicine=medicine, at=NOW + timedelta(seconds=2), **given) == first
        assert medicines.tap(medicine=other, at=NOW + timedelta(seconds=3), **given) != first
        assert medicines.tap(medicine=medicine, at=NOW + timedelta(hours=1), **given) != first

    def test_taken_back_twice_is_taken_back(self, alice):
        intake = take(alice, add(alice))
        medicines.untake(by=alice.user, intake=intake)
        medicines.untake(by=alice.user, intake=intake)
        assert AuditEvent.objects.filter(subject=f"intake {intake.uuid}", verb="deleted").count() == 1


class TestStrangers:
    @pytest.mark.parametrize(
        "name", ["medicine_detail", "medicine_edit", "medicine_stop", "medicine_delete", "intake_add"]
    )
    def test_find_no_medicine(self, alice, charlie, name):
        url = reverse(name, args=[add(alice).uuid])
        client = client_for(charlie)
        assert (client.get(url).status_code, client.post(url).status_code in (404, 405)) == (404, True)
        assert Medicine.objects.filter(stopped_on__isnull=True).count() == 1

    @pytest.mark.parametrize("name", ["intake_edit", "intake_delete"])
    def test_find_no_intake(self, alice, charlie, name):
        url = reverse(name, args=[take(alice, add(alice)).uuid])
        assert client_for(charlie).post(url).status_code == 404
        assert Intake.objects.count() == 1

    def test_take_nothing_of_anothers_list(self, alice, charlie):
        response = client_for(charlie).post(TAP, {"uuid": str(uuid4()), "medicine": str(add(alice).uuid)})
        assert (response.status_code, Intake.objects.exists()) == (404, False)


class TestToday:
    def test_shows_nothing_of_medicines_to_whom_has_none(self, alice_client):
        assert "Medicine taken?" not in today_of(alice_client)

    def test_does_not_read_medicines_where_they_are_not_asked(self, alice, alice_client):
        add(alice)
        alice.patient.asked = ["sleep"]
        alice.patient.save()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = today_of(alice_client)
        assert "Medicine taken?" not in page
        assert not any("tracker_medicine" in query["sql"] for query in queries)

    def test_reads_medicines_and_intakes_in_one_query_however_many(self, alice, alice_client):
        for name in ("a", "b", "c"):
            medicine = add(alice, name=name)
            for hours in range(3):
                take(alice, medicine, taken_at=NOW - timedelta(hours=hours))
        with CaptureQueriesContext(connection) as queries:
            today_of(alice_client)
        assert sum("tracker_medicine" in query["sql"] for query in queries) == 1

    def test_one_tap_logs_the_usual_dose_and_says_so(self, alice, alice_client):
        medicine = add(alice)
        sent = {"uuid": str(uuid4()), "medicine": str(medicine.uuid)}
        page = text_of(alice_client.post(TAP, sent, follow=True))
        assert "Ibuprofen 400 mg: taken at 2:05 p.m." in page or "Ibuprofen 400 mg: taken at 14:05" in page
        assert "1 today" in page
        assert (alice.patient.intakes.get().dose, page.count("Undo")) == ("400 mg", 1)

    def test_undo_takes_it_back(self, alice, alice_client):
        intake = take(alice, add(alice))
        page = text_of(alice_client.post(reverse("intake_delete", args=[intake.uuid]), follow=True))
        assert "Taken back: Ibuprofen 400 mg." in page
        assert not alice.patient.intakes.exists()

    def test_lists_what_was_taken_today_and_not_yesterday(self, alice, alice_client):
        medicine = add(alice)
        take(alice, medicine, dose="200 mg")
        take(alice, medicine, dose="999 mg", taken_at=NOW - timedelta(days=1))
        page = today_of(alice_client)
        assert "Ibuprofen 200 mg" in page and "999 mg" not in page

    def test_offers_only_what_is_in_use(self, alice, alice_client):
        add(alice, name="Old", stopped_on=TODAY)
        add(alice)
        page = today_of(alice_client)
        assert "Ibuprofen 400 mg" in page and "Old" not in page

    def test_works_from_the_card_of_a_saved_entry_and_comes_back_to_it(self, alice, alice_client):
        medicine = add(alice)
        entry = pain_log.tap(by=alice.user, uuid=uuid4(), nrs=4, at=NOW)
        page = text_of(alice_client.get(f"/?entry={entry.uuid}"))
        assert page.count(f'name="medicine" value="{medicine.uuid}"') == 1
        sent = {"uuid": str(uuid4()), "medicine": str(medicine.uuid), "entry": str(entry.uuid)}
        page = text_of(alice_client.post(TAP, sent, follow=True))
        assert "Saved 4 at" in page and "Ibuprofen 400 mg: taken at" in page

    @pytest.mark.parametrize(
        "sent", [{}, {"medicine": "x"}, {"medicine": "\x00"}, {"medicine": str(UUID_1), "uuid": "1"}]
    )
    def test_refuses_what_is_no_medicine_in_words(self, alice, alice_client, sent):
        assert "Choose one of your medicines." in text_of(alice_client.post(TAP, sent, follow=True))

    def test_says_nothing_about_more_or_less(self, alice, alice_client):
        medicine = add(alice)
        for _ in range(9):
            take(alice, medicine)
        page = today_of(alice_client)
        assert "9 today" in page
        assert not any(word in page.lower() for word in ("too much", "too many", "overuse", "maximum"))


class TestThePages:
    def test_a_medicine_is_added_and_named(self, alice, alice_client):
        sent = {"name": "Ibuprofen", "dose": "400 mg", "is_as_needed": "on"}
        page = text_of(alice_client.post(reverse("medicine_add"), sent, follow=True))
        assert "On your list: Ibuprofen 400 mg." in page
        assert alice.patient.medicines.get().is_as_needed

    def test_the_same_form_sent_twice_is_one_medicine(self, alice, alice_client):
        sent = {"name": "Ibuprofen", "uuid": str(UUID_1)}
        for _ in range(2):
            alice_client.post(reverse("medicine_add"), sent)
        assert alice.patient.medicines.count() == 1

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({"name": "  "}, "Say what it is called."),
            ({"name": "x", "started_on": "1800-01-01"}, "Choose days from 1900"),
            ({"name": "x", "started_on": "nonsense"}, "Enter a valid date."),
        ],
    )
    def test_a_refusal_is_told_in_words(self, alice, alice_client, sent, says):
        response = alice_client.post(reverse("medicine_add"), sent)
        assert (response.status_code, says in text_of(response)) == (422, True)

    def test_stopping_warns_and_moves_it_to_the_earlier_ones(self, alice, alice_client):
        url = reverse("medicine_stop", args=[add(alice).uuid])
        assert "ask the prescriber how" in text_of(alice_client.get(url))
        alice_client.post(url, {"stopped_on": str(TODAY)})
        assert "1 taken earlier" in text_of(alice_client.get(reverse("health")))

    def test_deleting_asks_first_and_says_what_goes(self, alice, alice_client):
        medicine = add(alice)
        take(alice, medicine)
        url = reverse("medicine_delete", args=[medicine.uuid])
        assert "The 1 time that you logged it is deleted too." in text_of(alice_client.get(url))
        assert Medicine.objects.exists()
        alice_client.post(url)
        assert not Medicine.objects.exists() and not Intake.objects.exists()

    def test_another_time_and_dose(self, alice, alice_client):
        medicine = add(alice)
        sent = {"day": "2026-06-02", "wall_time": "07:30", "dose": "200 mg"}
        page = text_of(alice_client.post(reverse("intake_add", args=[medicine.uuid]), sent, follow=True))
        intake = alice.patient.intakes.get()
        assert (intake.taken_at, intake.dose) == (datetime(2026, 6, 2, 5, 30, tzinfo=UTC), "200 mg")
        assert "Tue 2 Jun 2026" in page

    def test_a_time_to_come_is_refused_in_words(self, alice, alice_client):
        sent = {"day": "2026-06-03", "wall_time": "23:00", "dose": ""}
        response = alice_client.post(reverse("intake_add", args=[add(alice).uuid]), sent)
        assert (response.status_code, "This moment has not come yet." in text_of(response)) == (422, True)

    def test_an_intake_is_put_right_without_moving_it(self, alice, alice_client):
        seconds = NOW - timedelta(hours=1, seconds=17)
        intake = take(alice, add(alice), taken_at=seconds)
        url = reverse("intake_edit", args=[intake.uuid])
        form = alice_client.get(url).context["form"]
        sent = {name: form[name].value() for name in ("day", "wall_time")} | {"dose": "1 tablet"}
        alice_client.post(url, sent)
        intake.refresh_from_db()
        assert (intake.dose, intake.taken_at) == ("1 tablet", seconds)

    def test_the_days_on_which_it_was_taken_come_in_pages(self, alice, alice_client, django_assert_max_num_queries):
        medicine = add(alice)
        for hours in range(60):
            take(alice, medicine, taken_at=NOW - timedelta(hours=hours))
        with django_assert_max_num_queries(6):
            page = text_of(alice_client.get(reverse("medicine_detail", args=[medicine.uuid])))
        assert "Page 1 of 2" in page
