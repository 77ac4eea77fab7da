"""From the reminder's mail to a session on the phone, offline in the middle, to the easier list of the next day."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from assessments import services as checkups
from tests.browser.lines import Line
from tests.browser.test_offline import READY, TRY, line, phone  # noqa: F401
from tests.engine.walking import CASES, walk
from tests.tracker.moves import open_gate
from tracker.models import ExerciseSession, Occurrence, Reminder
from tracker.services import delivery, exercises, reminders

HIGH = {"width": 360, "height": 9000}  # the bar at the bottom covers nothing
BERLIN = ZoneInfo("Europe/Berlin")


def today() -> Any:
    return timezone.now().astimezone(BERLIN).date()


@pytest.fixture
def ready(alice: Any) -> Any:
    open_gate(alice, on=today() - timedelta(days=1))
    return alice


def begin(page: Any) -> None:
    page.goto("/moves/")
    page.get_by_role("link", name=re.compile("step by step|once more")).click()
    page.get_by_role("button", name="Start", exact=True).click()


def step(page: Any, *, n: int) -> None:
    for _ in range(n):
        page.get_by_role("button", name="Done, next").click()
        if page.get_by_role("button", name="Go on").is_visible():
            page.get_by_role("button", name="Go on").click()


def arrived(page: Any) -> Any:
    for _ in range(300):
        if session := ExerciseSession.objects.first():
            return session
        page.wait_for_timeout(100)
    raise AssertionError("no session came")


def test_from_the_mail_over_a_session_without_network_to_an_easier_list(
    phone: Callable[..., Any],  # noqa: F811
    line: Line,  # noqa: F811
    ready: Any,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.EMAIL_BACKEND, settings.MAIL_DIR, settings.SITE_URL = "config.mail.MailboxBackend", tmp_path, line.url
    send_the_reminder(ready)
    page = phone(ready, "/mailbox/")
    page.locator("main a[href*='/mailbox/']").first.click()
    page.locator("main a[href$='/moves/']").first.click()
    page.get_by_role("link", name="Start, step by step").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("heading", name="March on the spot").wait_for()
    assert page.locator("svg.figure:visible").count() == 2
    step(page, n=2)
    line.turn("cut")
    page.reload()  # a call, and the browser had thrown the page away
    page.get_by_text("3 of 8").wait_for()
    page.get_by_role("button", name="It hurts").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Stop signs").click()
    assert page.get_by_text("pressure or tightness in your chest").is_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name=re.compile("^8")).click()
    page.get_by_text("kept on this device").wait_for()
    assert page.get_by_text("That hurt more than it should").is_visible()
    assert not ExerciseSession.objects.exists()
    line.turn("up")
    page.goto("/")
    page.evaluate(TRY)
    session = arrived(page)
    assert (session.local_date, session.exercises_done) == (today(), ["march_walk", "breath_rib"])
    assert (session.pain_during, session.hurt, session.zone) == (8, ["neck_rotation_nod"], "Europe/Berlin")
    is_easier_on_the_next_day(page, session)


def send_the_reminder(person: Any) -> None:
    now = timezone.now()
    wall_time = (now + timedelta(minutes=2)).astimezone(BERLIN).time()
    reminders.create(by=person.user, kind=Reminder.Kind.MORNING_MOVES, wall_time=wall_time, at=now)
    delivery.drain(clock=lambda: now + timedelta(minutes=3))
    assert Occurrence.objects.filter(state="sent").exists()


def is_easier_on_the_next_day(page: Any, session: ExerciseSession) -> None:
    tomorrow = datetime.combine(session.local_date + timedelta(days=1), datetime.min.time(), BERLIN) + timedelta(
        hours=9
    )
    with time_machine.travel(tomorrow, tick=True):
        page.goto("/")
        page.get_by_role("button", name="7", exact=True).last.click()
        page.goto("/moves/")
        words = page.inner_text("main")
    assert "it hurt more than it should" in words or "clearly worse than usual" in words
    session.refresh_from_db()


def test_the_same_session_from_two_phones_is_one(
    phone: Callable[..., Any],  # noqa: F811
    ready: Any,
) -> None:
    for number, n_moves in (("2", 1), ("4", 2)):
        page = phone(ready)
        begin(page)
        step(page, n=n_moves)
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_role("button", name=number, exact=True).click()
        page.get_by_text("It is saved.", exact=True).wait_for()
        assert page.get_by_text("That hurt more than it should").is_hidden()
    session = ExerciseSession.objects.get()
    assert (session.exercises_done, session.pain_during) == (["march_walk", "breath_rib"], 4)


def test_a_session_of_yesterday_can_still_be_noted(
    phone: Callable[..., Any],  # noqa: F811
    ready: Any,
) -> None:
    page = phone(ready)
    begin(page)
    step(page, n=1)
    page.evaluate(
        """async () => {
          const open = await new Promise(done => indexedDB.open('ebb').onsuccess = event => done(event.target.result));
          const store = open.transaction('device', 'readwrite').objectStore('device');
          const begun = await new Promise(done => store.get('session').onsuccess = event => done(event.target.result));
          const at = new Date(Date.now() - 86400000);
          const on = new Intl.DateTimeFormat('en-CA', { timeZone: begun.zone }).format(at);
          store.put({ ...begun, on, started_at: at.toISOString() }, 'session');
        }"""
    )
    page.reload()
    page.get_by_text("You began on").wait_for()
    page.get_by_role("button", name="Save without a number").click()
    page.get_by_text("It is saved.", exact=True).wait_for()
    session = ExerciseSession.objects.get()
    assert session.local_date == today() - timedelta(days=1)
    assert session.pain_during is None


def test_a_mistaken_it_hurts_is_taken_back_without_a_trace(
    phone: Callable[..., Any],  # noqa: F811
    line: Line,  # noqa: F811
    ready: Any,
) -> None:
    page = phone(ready)
    begin(page)
    step(page, n=1)
    line.turn("cut")
    count = page.locator("[data-do=count]")
    count.click(click_count=2, delay=50)
    page.get_by_role("button", name="It hurts").click()
    assert page.get_by_text("Next time it comes easier").is_visible()
    page.reload()
    page.get_by_role("button", name="Go on").click()
    assert not page.get_by_text("Next time it comes easier").is_visible()
    count.click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", name="Breathe into your ribs").wait_for()
    assert (count.inner_text().split()[0], page.locator("[data-undo]:visible").count()) == ("2", 0)
    step(page, n=1)
    page.get_by_role("heading", name="Turn and nod").wait_for()
    assert count.inner_text().split()[0] == "1"  # where it was interrupted
    page.get_by_role("button", name="It hurts").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Skip").click()
    line.turn("up")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name=re.compile("^2")).click()
    session = arrived(page)
    assert (session.hurt, session.versions) == ([], {})
    assert session.amounts == {"march_walk": 1, "breath_rib": 2}


def test_where_nothing_was_done_there_is_nothing_to_save(open_page: Callable[..., Any], ready: Any) -> None:
    page = open_page("/moves/", person=ready, viewport=HIGH)
    begin(page)
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("there is nothing to save").wait_for()
    assert not page.get_by_role("button", name=re.compile("^[0-9]")).count()
    page.get_by_role("button", name="Go on with this session").click()
    page.get_by_role("heading", name="Breathe into your ribs").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="To the morning moves").click()
    page.get_by_role("link", name="Start, step by step").click()  # a new one, from its beginning
    page.get_by_role("button", name="Start", exact=True).wait_for()
    assert not ExerciseSession.objects.exists()


def test_nothing_moves_under_a_thumb_when_the_way_to_the_session_appears(
    open_page: Callable[..., Any], ready: Any
) -> None:
    page = open_page("/moves/", person=ready, viewport={"width": 360, "height": 740})
    start, below = page.get_by_role("link", name="Start, step by step"), page.get_by_role("button", name="Easier today")
    start.wait_for()
    then = below.bounding_box()
    page.route("**/move-plan.js", lambda route: route.abort())
    page.reload()
    assert not start.is_visible()
    assert below.bounding_box() == then


@pytest.mark.parametrize("seen", ["/", "/moves/"])
def test_once_the_moves_are_held_the_device_has_no_list_of_them(
    open_page: Callable[..., Any], ready: Any, seen: str
) -> None:
    page = open_page("/moves/", person=ready)
    page.get_by_role("link", name="Start, step by step").click()
    page.get_by_role("heading", name="Ready?").wait_for()
    open_gate(ready, on=today(), unstable_heart="yes")
    page.goto(seen)
    page.wait_for_load_state("networkidle")
    page.goto("/moves/session/")
    page.get_by_role("heading", name="No list on this device yet").wait_for()


@pytest.mark.parametrize("level", ["emergency", "within_days"])
def test_a_result_that_asks_to_wait_with_exercise_takes_the_list_off_the_device(
    open_page: Callable[..., Any], ready: Any, level: str
) -> None:
    answers = next(case["answers"] for case in CASES["case"] if case["level"] == level)
    page = open_page("/moves/", person=ready)
    page.get_by_role("link", name="Start, step by step").click()
    page.get_by_role("heading", name="Ready?").wait_for()
    checkup = checkups.start(by=ready.user, at=timezone.now(), known=walk(answers))
    checkups.finish(by=ready.user, uuid=checkup.uuid, at=timezone.now())
    page.goto(reverse("checkup:result", args=[checkup.uuid]))
    page.wait_for_load_state("networkidle")
    page.goto("/moves/session/")
    page.get_by_role("heading", name="No list on this device yet").wait_for()


def test_a_session_under_way_when_the_moves_are_held_can_be_noted_and_not_gone_on_with(
    open_page: Callable[..., Any], ready: Any
) -> None:
    page = open_page("/moves/", person=ready, viewport=HIGH)
    begin(page)
    step(page, n=2)
    open_gate(ready, on=today(), unstable_heart="yes")
    page.goto("/moves/")
    page.wait_for_load_state("networkidle")
    page.goto("/moves/session/")
    page.get_by_role("heading", name="How was it?").wait_for()
    assert not page.get_by_role("button", name="Go on with this session").is_visible()
    page.get_by_role("button", name=re.compile("^2")).click()
    page.get_by_text("It is saved.", exact=True).wait_for()
    assert arrived(page).exercises_done == ["march_walk", "breath_rib"]


def test_what_was_counted_before_a_stop_counts(open_page: Callable[..., Any], ready: Any) -> None:
    page = open_page("/moves/", person=ready, viewport=HIGH)
    begin(page)
    step(page, n=1)
    page.locator("[data-do=count]").click(click_count=3, delay=50)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Save without a number").click()
    assert arrived(page).amounts == {"march_walk": 1, "breath_rib": 3}


@pytest.mark.parametrize("size", [(360, 640), (1280, 720)])
def test_what_a_key_reaches_stands_above_the_bar_of_buttons(
    open_page: Callable[..., Any], ready: Any, size: tuple[int, int]
) -> None:
    page = open_page("/moves/", person=ready, viewport={"width": size[0], "height": size[1]})
    begin(page)
    step(page, n=2)
    page.get_by_role("heading", name="Turn and nod").wait_for()  # two drawings: the longest of all
    bar = page.locator(".thumb:visible")
    assert bottom(page.locator("h1:focus")) <= bar.bounding_box()["y"]
    page.keyboard.press("Tab")
    assert bottom(page.locator("summary:focus")) <= bar.bounding_box()["y"]
    if size[0] > 1000:
        step(page, n=1)
        page.get_by_role("heading", name="Open the book").wait_for()
        assert bottom(page.locator(".how:visible")) <= bar.bounding_box()["y"]


@pytest.mark.parametrize("size", [(320, 568), (360, 740), (1280, 720)])
def test_it_says_in_one_line_which_of_two_sides_it_is(
    open_page: Callable[..., Any], ready: Any, size: tuple[int, int]
) -> None:
    page = open_page("/moves/", person=ready, viewport={"width": size[0], "height": size[1]})
    begin(page)
    side, count = page.locator("[data-side]"), page.locator("[data-do=count]")
    assert side.inner_text() == ""
    step(page, n=2)
    page.get_by_role("heading", name="Turn and nod").wait_for()
    said = []
    for n_taps in (0, 5, 1):  # 5 times each side
        count.click(click_count=n_taps) if n_taps else None
        said.append((page.locator("[data-count]").inner_text(), side.inner_text()))
    assert said == [("0", "side 1 of 2"), ("5", "side 1 of 2"), ("1", "side 2 of 2")]
    assert side.bounding_box()["height"] < 30
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_way_out_stays_in_reach_and_a_short_card_is_short(open_page: Callable[..., Any], ready: Any) -> None:
    page = open_page("/moves/", person=ready, viewport={"width": 360, "height": 640})
    begin(page)
    step(page, n=2)
    page.get_by_role("heading", name="Turn and nod").wait_for()
    assert 0 < page.evaluate("scrollY") < 100
    for name in ("Stop signs", "Stop"):
        assert page.get_by_role("button", name=name, exact=True).bounding_box()["y"] >= 0
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Save without a number").click()
    page.get_by_text("It is saved.", exact=True).wait_for()
    assert page.locator(".card:visible").bounding_box()["height"] < 400


def bottom(found: Any) -> float:
    box = found.bounding_box()
    return box["y"] + box["height"]


# What the page asks of the browser is written down instead of done.
OBSERVED = """
window.seen = [];
const lock = () => ({ released: false, release() { this.released = true; seen.push("screen may sleep"); } });
Object.defineProperty(navigator, "wakeLock", { value: { request: async (kind) => (seen.push(`awake: ${kind}`), lock()) } });
const voices = [{ lang: "en-GB", localService: false, name: "away" }, { lang: "en-GB", localService: true, name: "here" }];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => voices,
  addEventListener() {},
  cancel: () => seen.push("hush"),
  speak: (said) => seen.push(`${said.voice.name}: ${said.text}`),
} });
"""


def test_it_reads_aloud_and_keeps_the_screen_on_from_start_to_end(open_page: Callable[..., Any], ready: Any) -> None:
    page = open_page("/moves/", person=ready, viewport=HIGH)
    page.add_init_script(OBSERVED)
    page.get_by_role("link", name="Start, step by step").click()
    page.get_by_label("Read it to me").check()
    assert page.evaluate("seen") == []
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("heading", name="March on the spot").wait_for()
    begun = page.evaluate("seen")
    assert "awake: screen" in begun
    assert any(said.startswith("here: March on the spot. 1 minute. Stand tall.") for said in begun)
    assert not any(said.startswith("away") for said in begun)
    page.get_by_role("button", name="It hurts").click()
    assert re.match(r"here: March on the spot: it hurt\..*\. Rest\. Breathe", page.evaluate("seen.at(-1)"))
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Easier").click()
    lie_down = page.evaluate("seen.at(-1)")  # the usual steps follow, and could mislead without it
    assert re.match(r"here: Breathe into your ribs\..* Lie on your back with bent knees\.", lie_down)
    page.get_by_role("button", name="Stop signs").click()
    assert page.evaluate("seen.at(-1)") == "hush"
    page.get_by_role("button", name="Back", exact=True).click()
    assert "screen may sleep" not in page.evaluate("seen")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name=re.compile("^2")).click()
    page.get_by_text("It is saved.", exact=True).wait_for()
    assert page.evaluate("seen").count("screen may sleep") == 1
    assert page.evaluate("seen.at(-1)") == "hush"


def test_a_screen_that_is_granted_late_is_let_go_at_once(open_page: Callable[..., Any], ready: Any) -> None:
    page = open_page("/moves/", person=ready, viewport=HIGH)
    page.add_init_script(
        OBSERVED.replace("async (kind) => (", "async (kind) => (await new Promise((go) => (window.grant = go)), ")
    )
    begin(page)
    step(page, n=1)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Save without a number").click()
    page.get_by_text("It is saved.", exact=True).wait_for()
    page.evaluate("grant()")
    page.wait_for_function("seen.includes('screen may sleep')")


def test_the_pages_of_the_moves_are_accessible(
    open_page: Callable[..., Any], axe: Callable[[Any], None], ready: Any
) -> None:
    exercises.record(by=ready.user, on=today() - timedelta(days=1), at=timezone.now(), exercises_done=["bridge"])
    page = open_page("/moves/", person=ready, viewport=HIGH)
    axe(page)
    page.get_by_role("link", name="Start, step by step").click()
    page.get_by_role("button", name="Start", exact=True).wait_for()
    axe(page)
    page.get_by_role("button", name="Start", exact=True).click()
    axe(page)
    page.get_by_role("button", name="Stop", exact=True).click()
    axe(page)
    page.get_by_role("button", name="Go on with this session").click()
    step(page, n=1)
    page.get_by_role("button", name="Stop", exact=True).click()
    axe(page)
    for path in ("/moves/safety/", "/moves/habit/", "/moves/all/", "/moves/all/bridge/"):
        page.goto(path)
        axe(page)


def test_the_guided_session_is_done_by_keyboard_alone(
    open_page: Callable[..., Any], axe: Callable[[Any], None], ready: Any
) -> None:
    page = open_page("/moves/", person=ready, viewport=HIGH)
    page.get_by_role("link", name="Start, step by step").press("Enter")
    page.get_by_role("button", name="Start", exact=True).press("Enter")
    page.get_by_role("heading", name="March on the spot").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"  # where a screen reader goes on reading
    page.get_by_role("button", name="Done, next").press("Enter")
    page.get_by_role("heading", name="Rest").wait_for()
    axe(page)
    page.get_by_role("button", name="Stop signs").press("Enter")
    axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop", exact=True).press("Enter")
    page.get_by_role("button", name=re.compile("^2")).press("Enter")
    page.get_by_text("It is saved.", exact=True).wait_for()
    axe(page)
    assert ExerciseSession.objects.get().pain_during == 2


def test_without_script_the_list_is_a_plain_form(open_page: Callable[..., Any], ready: Any) -> None:
    page = open_page("/moves/", person=ready, java_script_enabled=False)
    assert not page.get_by_role("link", name="Start, step by step").is_visible()
    page.get_by_label(re.compile("March on the spot")).check()
    page.get_by_role("button", name="Note it").click()
    assert ExerciseSession.objects.get().exercises_done == ["march_walk"]
