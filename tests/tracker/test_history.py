"""The pages beside the course: calendar, patterns, before and after, and the entries of one day."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.tracker.test_timeline import log, start
from tracker.domain.history import LONGEST_DAYS, MIN_SIDE_DAYS
from tracker.models import PainEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

CALENDAR, PATTERNS, COMPARE = "/timeline/calendar/", "/timeline/patterns/", "/timeline/before-after/"
PAGES = (CALENDAR, PATTERNS, f"{COMPARE}?on=2026-01-01", "/entries/?day=2026-01-01")


def shown(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def today() -> date:
    return timezone.localdate()


def log_weeks(person, n: int, week: list[int]) -> None:
    """Whole weeks up to the last Sunday, Monday first."""
    last_sunday = today() - timedelta(days=today().isoweekday())
    for number in range(7 * n):
        nrs = week[-1 - number % 7]
        log(person, days_ago=(today() - last_sunday).days + number, nrs=nrs)


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_asked_to_log_in(client, path):
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_are_only_read(alice_client, path):
    assert alice_client.post(path).status_code == 405


def test_another_patients_log_does_not_show(alice, charlie_client):
    for ago in range(40):
        log(alice, days_ago=ago, nrs=9)
    start(alice, days_ago=20, own_words="Secret ointment")
    on = today() - timedelta(days=20)
    for path in (CALENDAR, PATTERNS, f"{COMPARE}?on={on}", f"/entries/?day={on}"):
        page = shown(charlie_client, path)
        assert 'td class="nrs-9"' not in page and "9 each time" not in page and "Secret ointment" not in page, path


@pytest.mark.parametrize(
    "path",
    [
        f"{CALENDAR}?year=1899",
        f"{CALENDAR}?year=99999999999999999999",
        f"{CALENDAR}?year=-1",
        f"{CALENDAR}?year=NaN",
        f"{CALENDAR}?year=%00",
        f"{CALENDAR}?year=3000",
        f"{CALENDAR}?site=moon",
        f"{PATTERNS}?range=9",
        f"{PATTERNS}?since=1950-01-01",
        f"{PATTERNS}?until=2026-01-01",
        f"{PATTERNS}?on=0000-01-01",
        f"{COMPARE}?on=",
        f"{COMPARE}?on=2026-02-30",
        f"{COMPARE}?on=1899-12-31",
        f"{COMPARE}?on=9999-12-31",
        f"{COMPARE}?on=2026-01-01&weeks=3",
        f"{COMPARE}?on=2026-01-01&weeks={'9' * 30}",
        f"{COMPARE}?on=2026-01-01&site=%00",
        "/entries/?day=2026-02-30",
        "/entries/?day=0000-01-01",
        "/entries/?day=9999-12-31",
        "/entries/?day=%ff",
    ],
)
def test_a_bad_question_gets_words(alice_client, path):
    response = alice_client.get(path)
    assert response.status_code == 422 and "errorlist" in response.content.decode()


class TestStepping:
    @pytest.fixture(autouse=True)
    def _logged_long_ago(self, alice):
        log(alice, days_ago=20 * 365)

    def test_last_week_leads_to_the_week_before_and_the_week_after(self, alice, alice_client):
        last_week = today() - timedelta(days=7)
        page = shown(alice_client, f"/timeline/?range=week&on={last_week}")
        monday = last_week - timedelta(days=last_week.weekday())
        assert f"on={monday - timedelta(days=1)}#steps" in page and "The week before" in page
        assert f"on={monday + timedelta(days=7)}#steps" in page and "The week after" in page

    def test_nothing_lies_after_today(self, alice_client):
        for path in ("/timeline/", "/timeline/?range=week", "/timeline/?range=year", PATTERNS):
            page = shown(alice_client, path)
            assert 'rel="prev"' in page and 'rel="next"' not in page, path

    @pytest.mark.parametrize("path", ["/timeline/", "/timeline/?range=week", PATTERNS])
    def test_days_before_anything_was_noted_are_not_offered(self, alice, alice_client, path):
        alice.patient.pain_entries.all().delete()
        assert 'rel="prev"' not in shown(alice_client, path)
        log(alice, days_ago=0)
        assert 'rel="prev"' not in shown(alice_client, path.replace("week", "month"))

    def test_a_treatment_from_before_the_log_can_be_reached(self, alice, alice_client):
        alice.patient.pain_entries.all().delete()
        start(alice, days_ago=200)
        assert 'rel="prev"' in shown(alice_client, "/timeline/?range=month")

    def test_all_has_nothing_before_it(self, alice_client):
        assert 'id="steps"' in shown(alice_client, "/timeline/?range=all")
        assert 'rel="prev"' not in shown(alice_client, "/timeline/?range=all")

    def test_a_month_is_that_of_the_calendar(self, alice, alice_client):
        PainEntry.objects.filter(pk=log(alice, days_ago=0, nrs=6).pk).update(local_date=date(2024, 2, 29))
        page = shown(alice_client, "/timeline/?range=month&on=2024-02-10")
        assert "February 2024" in page and "1 of 29 days logged. Pain was 6 each time." in page
        assert "on=2024-01-31#steps" in page and "on=2024-03-01#steps" in page

    def test_a_year_is_that_of_the_calendar(self, alice_client):
        page = shown(alice_client, "/timeline/?range=year&on=2023-06-01")
        assert ">2023</h2>" in page and "on=2022-12-31#steps" in page and "on=2024-01-01#steps" in page

    def test_days_of_ones_own_choice_step_by_their_own_length(self, alice_client):
        page = shown(alice_client, "/timeline/?since=2024-03-01&until=2024-03-10")
        assert "since=2024-02-20&amp;until=2024-02-29#steps" in page
        assert "since=2024-03-11&amp;until=2024-03-20#steps" in page

    def test_the_place_is_kept(self, alice_client):
        assert "site=neck" in shown(alice_client, "/timeline/?range=week&site=neck").split('rel="prev"')[1][:120]

    def test_nothing_lies_before_the_year_1900(self, alice_client):
        assert 'rel="prev"' not in shown(alice_client, "/timeline/?range=year&on=1900-06-01")

    def test_an_empty_time_leads_back_to_the_last_logged_day(self, alice, alice_client):
        entry = log(alice, days_ago=400)
        page = shown(alice_client, "/timeline/?range=week")
        assert f"range=month&amp;on={entry.local_date}" in page


class TestCalendar:
    def test_a_new_patient_sees_no_pain_at_all(self, alice_client):
        page = shown(alice_client, CALENDAR)
        assert (
            "No pain was logged in this time." in page
            and '<td class="nrs-' not in page
            and "Log your pain" in page
            and 'id="m' in page
        )

    def test_a_day_shows_its_average_and_leads_to_its_entries(self, alice, alice_client):
        day = log(alice, days_ago=0, nrs=3).local_date
        log(alice, days_ago=0, nrs=8)
        page = shown(alice_client, CALENDAR)
        assert f'<td class="nrs-6"><a href="/entries/?day={day}"' in page
        assert f'aria-label="{day.day} {day:%b}: 5.5, 3 to 8"' in page

    def test_a_day_that_was_not_logged_is_no_day_without_pain(self, alice, alice_client):
        for ago in (370, 368):
            log(alice, days_ago=ago, nrs=0)
        year = (today() - timedelta(days=369)).year
        page = shown(alice_client, f"{CALENDAR}?year={year}")
        silent = today() - timedelta(days=369)
        assert page.count('<td class="nrs-0"') >= 1
        assert f'<td class="none"><a href="/entries/?day={silent}"' in page and ": not logged" in page

    def test_days_before_the_log_and_days_to_come_are_not_missing(self, alice, alice_client):
        log(alice, days_ago=0)
        page = shown(alice_client, CALENDAR)
        assert "1 of 1 day logged" in page and '<td class="none"' not in page

    def test_a_year_leads_to_the_one_before_and_after(self, alice, alice_client):
        log(alice, days_ago=3 * 366)
        year = today().year - 1
        page = shown(alice_client, f"{CALENDAR}?year={year}")
        assert f"year={year - 1}#steps" in page and f"year={year + 1}#steps" in page

    def test_years_before_the_log_are_not_offered(self, alice, alice_client):
        log(alice, days_ago=0)
        page = shown(alice_client, CALENDAR)
        assert 'rel="prev"' not in page and 'rel="next"' not in page

    def test_one_place_is_looked_at_alone(self, alice, alice_client):
        log(alice, days_ago=0, nrs=8, site="neck", site_nrs=2)
        page = shown(alice_client, f"{CALENDAR}?site=neck")
        assert '<td class="nrs-2"' in page and "Neck" in page

    def test_a_full_year_is_a_light_page(self, alice, alice_client):
        pattern = log(alice, days_ago=0)
        known = {"patient": alice.patient, "zone": "UTC", "source": "web", "felt_at": pattern.felt_at}
        known |= {"recorded_at": pattern.felt_at, "changed_at": pattern.felt_at}
        days = (date(2024, 1, 1) + timedelta(days=number) for number in range(366))
        PainEntry.objects.bulk_create(
            PainEntry(uuid=uuid4(), local_date=day, nrs=nrs, **known) for day in days for nrs in (10, 1)
        )
        page = alice_client.get(f"{CALENDAR}?year=2024")
        assert page.content.count(b": 5.5, 1 to 10") == 366 and len(page.content) < 60_000

    def test_a_leap_year_has_366_days(self, alice, alice_client):
        entry = log(alice, days_ago=0)
        PainEntry.objects.filter(pk=entry.pk).update(local_date=date(2020, 1, 1))
        assert shown(alice_client, f"{CALENDAR}?year=2024").count("/entries/?day=2024-") == 366


class TestPatterns:
    def test_a_new_patient_is_told_that_there_is_nothing_to_say(self, alice_client):
        assert "Nothing to say yet" in shown(alice_client, PATTERNS)

    def test_a_few_days_say_nothing(self, alice, alice_client):
        log_weeks(alice, 2, [9, 1, 1, 1, 1, 1, 1])
        page = shown(alice_client, PATTERNS)
        assert page.count("Nothing to say yet.") == 2 and "higher than" not in page

    def test_bad_mondays_are_put_into_words_without_a_cause(self, alice, alice_client):
        log_weeks(alice, 12, [8, 4, 4, 4, 4, 4, 4])
        page = shown(alice_client, PATTERNS)
        assert "Monday: about 4.0 points higher than the days around it" in page and "from 12 days." in page
        assert "This does not say why." in page

    def test_even_weeks_have_no_clear_pattern(self, alice, alice_client):
        log_weeks(alice, 12, [5, 5, 4, 5, 5, 6, 5])
        assert "No clear pattern" in shown(alice_client, PATTERNS)

    def test_two_years_at_most_are_searched(self, alice_client):
        since = today() - timedelta(days=LONGEST_DAYS)
        assert alice_client.get(f"{PATTERNS}?since={since}").status_code == 422
        assert alice_client.get(f"{PATTERNS}?since={since + timedelta(days=1)}").status_code == 200

    def test_what_was_named_is_counted_in_days(self, alice, alice_client):
        for ago in range(4):
            log(alice, days_ago=ago)
        for entry in [log(alice, days_ago=1), log(alice, days_ago=1), log(alice, days_ago=2)]:
            PainEntry.objects.filter(pk=entry.pk).update(triggers=["sitting"], eased_by=["warmth"])
        page = shown(alice_client, PATTERNS)
        assert "Sitting: named on 2 of 4 logged days" in page and "Warmth: named on 2 of 4 logged days" in page

    def test_numbers_beside_the_pain_are_averaged_over_the_days_on_which_they_were_said(self, alice, alice_client):
        for ago in range(9):
            PainEntry.objects.filter(pk=log(alice, days_ago=ago).pk).update(sleep=6 if ago else 0, mood=3)
        PainEntry.objects.filter(pk=log(alice, days_ago=0).pk).update(sleep=4, interference=9)
        page = shown(alice_client, PATTERNS)
        assert "10 very well): 5.6 on average, said on 9 of 9 logged days" in page
        assert "Mood" in page and "In the way" not in page


class TestBeforeAndAfter:
    def test_asks_for_a_date_first(self, alice_client):
        page = shown(alice_client, COMPARE)
        assert "Which date?" in page and "errorlist" not in page

    def test_says_nothing_where_there_is_too_little(self, alice, alice_client):
        log(alice, days_ago=1)
        page = shown(alice_client, f"{COMPARE}?on={today() - timedelta(days=5)}")
        assert f"It takes {MIN_SIDE_DAYS} logged days on each side; there are 0 and 1." in page

    def test_sets_both_sides_beside_each_other_without_saying_why(self, alice, alice_client):
        for ago in range(40):
            log(alice, days_ago=ago, nrs=3 if ago <= 14 else 8)
        page = shown(alice_client, f"{COMPARE}?on={today() - timedelta(days=14)}&weeks=2")
        assert "The average is 5.0 points lower after, from 8.0 to 3.0." in page
        assert "This does not say why." in page
        assert '<td class="number">14 of 14</td><td class="number">0 of 14</td>' in page

    def test_offers_the_start_of_each_treatment(self, alice, alice_client):
        attempt = start(alice, days_ago=30, site="neck")
        log(alice, days_ago=31, site="neck", site_nrs=5)
        page = shown(alice_client, COMPARE)
        assert f"?on={attempt.started_on}&amp;weeks=4&amp;site=neck" in page
        assert f"{COMPARE}?on={attempt.started_on}" in shown(alice_client, f"/treatments/{attempt.uuid}/")


class TestOneDay:
    def test_shows_the_entries_of_that_day_alone(self, alice, alice_client):
        day = log(alice, days_ago=3, nrs=7).local_date
        log(alice, days_ago=2, nrs=1)
        page = shown(alice_client, f"/entries/?day={day}")
        assert "score nrs-7" in page and "score nrs-1" not in page
        assert f"?day={day - timedelta(days=1)}#steps" in page and f"?day={day + timedelta(days=1)}#steps" in page

    def test_today_has_no_day_after(self, alice_client):
        assert 'rel="next"' not in shown(alice_client, f"/entries/?day={today()}")

    def test_the_first_day_of_all_has_a_page(self, alice_client):
        assert "Nothing was logged on this day." in shown(alice_client, "/entries/?day=1900-01-01")

    def test_a_long_day_keeps_to_itself_from_page_to_page(self, alice, alice_client):
        for _ in range(51):
            day = log(alice, days_ago=1).local_date
        assert f"?day={day}&amp;page=2" in shown(alice_client, f"/entries/?day={day}")


@pytest.mark.parametrize("path", [CALENDAR, PATTERNS, COMPARE, "/entries/"])
def test_the_number_of_queries_does_not_grow_with_the_log(alice, alice_client, path):
    on = today() - timedelta(days=10)
    asked = {COMPARE: f"{COMPARE}?on={on}", "/entries/": f"/entries/?day={on}"}.get(path, path)

    def n_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(alice_client, asked)
        return len(queries)

    for ago in (9, 10):
        log(alice, days_ago=ago, site="neck")
    start(alice, days_ago=20)
    few = n_queries()
    for number in range(40):
        log(alice, days_ago=number, site="neck")
        start(alice, days_ago=number, own_words=f"Number {number}")
    assert n_queries() == few <= 10
