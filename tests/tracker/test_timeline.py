from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tracker.models import EntrySite, PainEntry, TreatmentType
from tracker.services import treatments
from tracker.web.presenters.timeline import N_LANES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def log(person, *, days_ago: int, nrs: int = 5, site: str = "", site_nrs: int | None = None) -> PainEntry:
    day = timezone.localdate() - timedelta(days=days_ago)
    felt_at = datetime.combine(day, time(12), UTC)
    moments = {"felt_at": felt_at, "recorded_at": felt_at, "changed_at": felt_at}
    entry = PainEntry.objects.create(
        patient=person.patient, uuid=uuid4(), nrs=nrs, local_date=day, zone="UTC", source="web", **moments
    )
    if site:
        EntrySite.objects.create(entry=entry, site=site, nrs=site_nrs)
    return entry


def start(person, *, days_ago: int, key: str = "heat", **said):
    today = timezone.localdate()
    kind = TreatmentType.objects.get(key=key)
    at = timezone.now()
    day = today - timedelta(days=days_ago)
    return treatments.start(by=person.user, uuid=uuid4(), at=at, on=today, treatment_type=kind, started_on=day, **said)


def test_a_stranger_is_asked_to_log_in(client):
    assert client.get("/timeline/").status_code == 302


def test_another_patients_log_does_not_show(alice, charlie_client):
    log(alice, days_ago=1, nrs=9)
    start(alice, days_ago=1, own_words="Secret ointment")
    page = charlie_client.get("/timeline/?range=all").content.decode()
    assert "Secret ointment" not in page and "No pain was logged in this time." in page


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("range=77", id="unknown range"),
        pytest.param("since=0000-01-01", id="year nought"),
        pytest.param("since=10000-01-01", id="year ten thousand"),
        pytest.param("since=0001-01-01", id="year one"),
        pytest.param("since=2026-02-30", id="no such day"),
        pytest.param("since=%00", id="NUL"),
        pytest.param("since=" + "9" * 5000, id="very long"),
        pytest.param("until=9999-12-31", id="far future"),
        pytest.param("since=2026-02-01&until=2026-01-01", id="backwards"),
        pytest.param("site=moon", id="no such place"),
        pytest.param("range=30&range=%F0%28%8C%28", id="not text"),
    ],
)
def test_a_bad_range_gets_words_and_the_usual_range(alice, alice_client, query):
    log(alice, days_ago=1)
    response = alice_client.get(f"/timeline/?{query}")
    assert response.status_code == 422
    page = response.content.decode()
    assert "errorlist" in page and "<svg" in page


def test_a_new_patient_is_led_to_the_first_entry(alice_client):
    page = alice_client.get("/timeline/").content.decode()
    assert "No pain was logged in this time." in page and "Log your pain" in page


def test_the_picture_comes_with_a_sentence_and_a_table(alice, alice_client):
    log(alice, days_ago=0, nrs=3)
    log(alice, days_ago=0, nrs=8)
    page = alice_client.get("/timeline/?range=30").content.decode()
    assert 'href="?range=30&amp;table=1#table"' in page
    page = alice_client.get("/timeline/?range=30&table=1").content.decode()
    assert "1 of 1 day logged. Pain was between 3 and 8 out of 10, 5.5 on average." in page
    assert '<td class="number">3</td><td class="number">8</td><td class="number">5.5</td>' in page


def test_a_day_without_an_entry_is_no_row_of_zeros(alice, alice_client):
    log(alice, days_ago=0)
    log(alice, days_ago=2)
    page = alice_client.get("/timeline/?range=30&table=1").content.decode()
    assert page.count('<tr><th scope="row">') == 2


def test_days_of_ones_own_choice_are_shown(alice, alice_client):
    log(alice, days_ago=10, nrs=9)
    log(alice, days_ago=3, nrs=2)
    since, until = (timezone.localdate() - timedelta(days=ago) for ago in (11, 9))
    page = alice_client.get(f"/timeline/?since={since}&until={until}").content.decode()
    assert "1 of 2 days logged. Pain was 9 each time." in page


def test_all_reaches_back_to_the_first_entry(alice, alice_client):
    log(alice, days_ago=3649)
    log(alice, days_ago=0)
    assert "2 of 3650 days logged" in alice_client.get("/timeline/?range=all").content.decode()


def test_the_pain_of_one_place_can_be_looked_at_alone(alice, alice_client):
    log(alice, days_ago=2, nrs=8, site="neck", site_nrs=2)
    log(alice, days_ago=1, nrs=9)
    page = alice_client.get("/timeline/?range=30&site=neck").content.decode()
    assert "Named on 1 of 3 days. Pain was 2 each time." in page


def test_the_pains_that_are_named_most_have_a_course_one_tap_away(alice, alice_client):
    for ago in range(3):
        log(alice, days_ago=ago, site="neck")
    log(alice, days_ago=1, site="knee_left")
    page = alice_client.get("/timeline/").content.decode()
    pains = page[page.index('class="chips pains"') :].split("</nav>")[0]
    assert pains.index("Overall") < pains.index("Neck") < pains.index("Knee, left")
    assert 'href="?site=" aria-current="true">Overall' in pains
    assert 'aria-current="true">Knee, left' in alice_client.get("/timeline/?range=all&site=knee_left").content.decode()


def test_a_patient_who_names_no_place_is_shown_no_choice_of_pains(alice, alice_client):
    log(alice, days_ago=1)
    assert 'class="chips pains"' not in alice_client.get("/timeline/").content.decode()


def test_days_before_the_log_began_are_not_counted_as_missing(alice, alice_client):
    log(alice, days_ago=4)
    log(alice, days_ago=0)
    assert "2 of 5 days logged." in alice_client.get("/timeline/").content.decode()


def test_what_a_bar_of_a_month_means_is_said_where_there_is_one(alice, alice_client):
    log(alice, days_ago=3000)
    said = "Where a bar is a month or more"
    assert said not in alice_client.get("/timeline/").content.decode()
    assert said in alice_client.get("/timeline/?range=all").content.decode()


def test_a_place_without_a_rating_of_its_own_counts_with_the_entry(alice, alice_client):
    log(alice, days_ago=2, nrs=8, site="neck", site_nrs=None)
    page = alice_client.get("/timeline/?range=30&site=neck").content.decode()
    assert "Pain was 8 each time." in page


def test_treatments_are_lanes_with_their_outcome_in_words(alice, alice_client):
    start(alice, days_ago=20)
    log(alice, days_ago=1)
    page = alice_client.get("/timeline/?table=1").content.decode()
    assert "Heat pack: Not judged" in page and "still used" in page


def test_a_treatment_outside_the_range_has_no_lane(alice, alice_client):
    old = start(alice, days_ago=300)
    today = timezone.localdate()
    treatments.stop(
        by=alice.user,
        attempt=old,
        stopped_on=today - timedelta(days=200),
        reason="done",
        at=timezone.now(),
        on=today,
    )
    assert "Heat pack" not in alice_client.get("/timeline/?range=30").content.decode()


def test_lanes_beyond_the_limit_are_counted_not_hidden(alice, alice_client):
    for number in range(N_LANES + 2):
        start(alice, days_ago=number, own_words=f"Number {number}")
    page = alice_client.get("/timeline/?range=30").content.decode()
    assert "2 older treatments are not drawn." in page


def test_the_number_of_queries_does_not_grow_with_the_log(alice, alice_client):
    def n_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            alice_client.get("/timeline/?range=all")
        return len(queries)

    log(alice, days_ago=100)
    start(alice, days_ago=50)
    few = n_queries()
    for number in range(30):
        log(alice, days_ago=number)
        start(alice, days_ago=number, own_words=f"Number {number}")
    assert n_queries() == few <= 10


def test_ten_years_are_drawn_in_months(alice, alice_client):
    log(alice, days_ago=3649)
    log(alice, days_ago=0)
    first = timezone.localdate() - timedelta(days=3649)
    page = alice_client.get("/timeline/?range=all&table=1").content.decode()
    assert f'<th scope="row">{first:%b}\N{NO-BREAK SPACE}{first:%Y}</th>' in page
