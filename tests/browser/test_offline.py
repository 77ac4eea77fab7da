"""A phone without network: what is tapped waits there, arrives once, and is nobody else's."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.browser.conftest import SETTLED, session_cookie
from tests.browser.lines import Line
from tracker.models import EntrySite, PainEntry
from tracker.services import pain_log

READY = """async () => {
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller) await new Promise(done => setTimeout(done, 20));
}"""
LEFT_BEHIND = """async () => ({
  databases: await Promise.all((await indexedDB.databases()).map(({name}) => new Promise(resolve => {
    const request = indexedDB.open(name);
    request.onsuccess = () => {
      const names = [...request.result.objectStoreNames];
      const counts = names.length ? names.map(store => request.result.transaction(store).objectStore(store).count()) : [];
      Promise.all(counts.map(count => new Promise(done => count.onsuccess = () => done(count.result)))).then(resolve);
    };
  }))).then(counts => counts.flat().reduce((sum, count) => sum + count, 0)),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  stored: localStorage.length + sessionStorage.length,
})"""
STORE = "const open = await new Promise(done => indexedDB.open('ebb').onsuccess = event => done(event.target.result));"
READ_QUEUE = f"""async () => {{ {STORE}
  return new Promise(done => open.transaction("entries").objectStore("entries").getAll().onsuccess =
    event => done(event.target.result)); }}"""
PUT_BACK = f"""async (entries) => {{ {STORE}
  const work = open.transaction("entries", "readwrite");
  entries.forEach(entry => work.objectStore("entries").put(entry));
  await new Promise(done => work.oncomplete = done); }}"""
STEADY = 500  # ms: a little more than in pad.js
TRY = "dispatchEvent(new Event('online'))"


@pytest.fixture
def line(live_server: Any) -> Iterator[Line]:
    line = Line(live_server.thread.host, live_server.thread.port)
    yield line
    line.close()


@pytest.fixture
def phone(chromium: Any, line: Line, seeded: None) -> Iterator[Callable[..., Any]]:
    """Opens Today on a device of its own, ready for a day without network."""
    contexts, faults = [], []

    def phone(person: Any, path: str = "/", **options: Any) -> Any:
        usual = SETTLED | {"viewport": {"width": 360, "height": 640}}
        context = chromium.new_context(base_url=line.url, **(usual | options))
        context.set_default_timeout(30_000)
        contexts.append(context)
        context.on("page", watch)
        sign_in(context, person)
        page = context.new_page()
        page.goto(path)
        page.evaluate(READY)
        return page

    def watch(page: Any) -> None:
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)

    def sign_in(context: Any, person: Any) -> None:
        context.clear_cookies()
        context.add_cookies([session_cookie(person, line.url)])

    phone.sign_in = sign_in
    yield phone
    for context in contexts:
        context.close()
    assert not faults, faults


def tap(page: Any, number: int) -> None:
    page.get_by_role("button", name=re.compile(rf"^{number}\b")).click()


def scores(person: Any) -> list[int]:
    return sorted(person.patient.pain_entries.values_list("nrs", flat=True))


def write_without_network(page: Any, line: Line, *numbers: int) -> list[dict[str, Any]]:
    """The first number on Today, the others on the page that comes instead; returns what waits."""
    line.turn("cut")
    for number in numbers:
        tap(page, number)
        page.get_by_text(f"Saved {number} on this device.").wait_for()
    return page.evaluate(READ_QUEUE)


# How many taps


def test_from_the_opened_app_to_a_saved_entry_is_one_tap(phone, alice):
    page = phone(alice)
    tap(page, 6)
    page.get_by_text("Saved 6 at").wait_for()
    assert scores(alice) == [6]


def test_a_bad_day_fills_the_screen_with_numbers_and_one_tap_is_all(phone, alice, axe):
    page = phone(alice, "/bad-day/")
    boxes = [button.bounding_box() for button in page.get_by_role("button").all()]
    assert len(boxes) == 11
    assert min(min(box["width"], box["height"]) for box in boxes) >= 88
    assert max(box["y"] + box["height"] for box in boxes) <= 640
    axe(page)
    tap(page, 8)
    page.get_by_text("Saved 8.").wait_for()
    assert page.get_by_role("button").all_inner_texts() == ["Undo"]
    axe(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="0 no pain").wait_for()
    assert scores(alice) == []


# Without network


def test_a_second_tap_on_numbers_that_have_just_moved_is_none(phone, line, alice):
    page = phone(alice)
    write_without_network(page, line, 3)
    page.wait_for_timeout(STEADY)
    page.goto("/")
    seven = page.get_by_role("button", name=re.compile(r"^7\b"))
    box = seven.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.dblclick(*middle)
    page.get_by_text("Saved 7 on this device.").wait_for()
    page.mouse.click(*middle)
    assert seven.bounding_box()["y"] != box["y"]
    assert sorted(entry["nrs"] for entry in page.evaluate(READ_QUEUE)) == [3, 7]
    page.wait_for_timeout(STEADY)
    tap(page, 5)
    page.get_by_text("Saved 5 on this device.").wait_for()
    assert sorted(entry["nrs"] for entry in page.evaluate(READ_QUEUE)) == [3, 5, 7]


def test_keys_on_the_kept_numbers_are_not_held_back(phone, line, alice):
    page = phone(alice)
    write_without_network(page, line, 3)
    page.keyboard.press("Tab")
    page.get_by_role("button", name=re.compile(r"^9\b")).press("Enter")
    page.get_by_text("Saved 9 on this device.").wait_for()


def test_five_taps_without_network_are_found_once_each_when_it_is_back(phone, line, alice, axe):
    page = phone(alice)
    write_without_network(page, line, 3, 10, 0, 3, 7)
    page.goto("/")  # and the page is loaded anew, as after a restart of the phone
    page.get_by_text("5 entries wait on this device.").wait_for()
    assert page.locator("[data-part=waiting] .score").all_inner_texts() == ["3", "10", "0", "3", "7"]
    axe(page)
    line.turn("up")
    page.get_by_role("link", name="Try again").click()
    page.get_by_text("5 entries from this device were sent at").wait_for()
    page.set_viewport_size({"width": 360, "height": 3000})  # so that the bar at the bottom covers nothing
    axe(page)
    assert scores(alice) == [0, 3, 3, 7, 10]
    assert set(alice.patient.pain_entries.values_list("source", "zone")) == {("offline", "Europe/Berlin")}
    page.reload()
    assert page.locator("[data-waiting]").is_hidden()


def test_a_bad_day_needs_no_network(phone, line, alice):
    page = phone(alice, "/bad-day/")
    write_without_network(page, line, 9)
    line.turn("up")
    page.evaluate(TRY)
    page.get_by_text("One entry from this device was sent at").wait_for()
    assert scores(alice) == [9]


def test_what_waits_can_be_taken_back(phone, line, alice):
    page = phone(alice)
    write_without_network(page, line, 4, 5)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("One entry waits on this device.").wait_for()
    page.get_by_role("button", name="Discard").click()
    page.locator("[data-waiting]").wait_for(state="hidden")
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    assert scores(alice) == []


def test_entries_sent_three_times_over_are_one_each(phone, line, alice):
    page = phone(alice)
    kept = write_without_network(page, line, 1, 2, 2)
    line.turn("up")
    for _round in range(3):
        page.evaluate(PUT_BACK, kept)
        page.evaluate(TRY)
        wait_until_sent(page)
    assert scores(alice) == [1, 2, 2]


def wait_until_sent(page: Any) -> None:
    for _try in range(500):
        if not page.evaluate(READ_QUEUE):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"still waiting: {page.evaluate(READ_QUEUE)}")


def test_a_replay_takes_nothing_away_that_was_added_since(phone, line, alice):
    page = phone(alice)
    kept = write_without_network(page, line, 6)
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    pain_log.change(by=alice.user, entry=alice.patient.pain_entries.get(), at=timezone.now(), note="since breakfast")
    page.evaluate(PUT_BACK, kept)
    page.evaluate(TRY)
    wait_until_sent(page)
    assert list(alice.patient.pain_entries.values_list("nrs", "note")) == [(6, "since breakfast")]


def test_two_tabs_send_each_entry_once(phone, line, alice):
    page = phone(alice)
    write_without_network(page, line, 1, 5, 9)
    other = page.context.new_page()
    other.goto("/timeline/")
    sent = []
    page.context.on("request", lambda asked: sent.append(asked.url) if asked.method == "PUT" else None)
    line.turn("up")
    for tab in (page, other):
        tab.evaluate(f"setTimeout(() => {TRY}, 50)")
    wait_until_sent(page)
    assert scores(alice) == [1, 5, 9]
    assert len(sent) == len(set(sent)) == 3


def test_two_devices_with_the_same_entries_make_one_each(phone, line, alice):
    page, other = phone(alice), phone(alice)
    kept = write_without_network(page, line, 2, 8)
    other.evaluate(PUT_BACK, kept)
    line.turn("up")
    for device in (page, other):
        device.evaluate(TRY)
        wait_until_sent(device)
    assert scores(alice) == [2, 8]


def test_an_answer_that_is_lost_on_the_way_doubles_nothing(phone, line, alice):
    page = phone(alice)
    line.turn("deaf")
    tap(page, 7)
    page.get_by_text("Saved 7 on this device.").wait_for()
    assert scores(alice) == [7]
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    assert scores(alice) == [7]


# More than a number


def test_all_that_can_be_said_is_kept_changed_and_sent_once(phone, line, alice, axe):
    page = phone(alice)
    write_without_network(page, line, 6)
    page.get_by_role("button", name="Say more").click()
    page.get_by_role("heading", name="Your entry on this device").wait_for()
    page.get_by_text("Choose from a list").click()
    page.get_by_label("Mid back, spine").check()
    row = page.locator("[data-site=mid_back]")
    row.get_by_text("8", exact=True).click()
    row.get_by_role("combobox").select_option("burning")
    page.get_by_text("More about this moment").click()
    sleep = page.get_by_role("group", name=re.compile("How did you sleep"))
    sleep.get_by_text("3", exact=True).click()
    page.get_by_text("sitting", exact=True).click()
    page.get_by_label(re.compile("^Note")).fill("nach der Fahrt – 🙂\nzweite Zeile")
    axe(page)
    page.get_by_role("button", name="Keep on this device").click()
    page.get_by_text("with more that you said").wait_for()
    axe(page)
    page.get_by_role("link", name="Change").click()
    page.get_by_role("heading", name="Your entry on this device").wait_for()
    assert page.get_by_text("sitting", exact=True).is_visible()  # what was said there opens the fold
    assert page.get_by_label(re.compile("^Note")).input_value() == "nach der Fahrt – 🙂\nzweite Zeile"
    page.locator("[data-detail] .scale").first.get_by_text("7", exact=True).click()
    page.get_by_role("button", name="Keep on this device").click()
    page.locator("[data-part=waiting] .score", has_text="7").wait_for()
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    entry = alice.patient.pain_entries.get()
    assert (entry.nrs, entry.sleep, entry.triggers, entry.note) == (
        7,
        3,
        ["sitting"],
        "nach der Fahrt – 🙂\nzweite Zeile",
    )
    assert list(entry.sites.values_list("site", "nrs", "quality")) == [("mid_back", 8, "burning")]


def test_an_earlier_moment_without_network_is_dated_back(phone, line, alice):
    page = phone(alice)
    write_without_network(page, line, 2)
    page.get_by_role("button", name="Log an earlier moment").click()
    page.locator("[data-detail] .scale").first.get_by_text("5", exact=True).click()
    page.get_by_label("When?").fill("2026-03-29T02:30")  # a time that the change of the clocks has left out
    page.get_by_role("button", name="Keep on this device").click()
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    felt_at = alice.patient.pain_entries.get(nrs=5).felt_at
    assert felt_at.isoformat() == "2026-03-29T01:30:00+00:00"


def test_the_same_as_last_time_brings_its_places(phone, line, alice):
    sites = [pain_log.SiteRating(site="neck", nrs=4, quality="tight")]
    now = timezone.now()
    pain_log.add(by=alice.user, uuid=uuid4(), source="web", at=now, nrs=5, felt_at=now, zone="UTC", sites=sites)
    page = phone(alice)
    line.turn("cut")
    page.get_by_role("button", name="Same as last time: 5").click()
    page.get_by_text("Saved 5 on this device.").wait_for()
    page.get_by_role("button", name="Same as last time: 5").click()
    page.get_by_text("2 entries wait on this device.").wait_for()
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    places = EntrySite.objects.filter(entry__patient=alice.patient).values_list("site", "nrs", "quality")
    assert list(places) == [("neck", 4, "tight")] * 3


def test_what_is_added_to_an_entry_of_the_log_waits_too(phone, line, alice):
    now = timezone.now()
    sites = [pain_log.SiteRating(site="neck", nrs=4, quality="tight")]
    entry = pain_log.add(by=alice.user, uuid=uuid4(), source="web", at=now, nrs=5, felt_at=now, zone="UTC", sites=sites)
    page = phone(alice, f"/?entry={entry.uuid}")
    page.get_by_label(re.compile("^Note")).fill("since noon")
    line.turn("cut")
    page.get_by_role("button", name="Add to this entry").click()
    page.get_by_text("What you added is kept on this device.").wait_for()
    page.get_by_text("more about an entry of your log").wait_for()
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    entry.refresh_from_db()
    assert (entry.nrs, entry.note) == (5, "since noon")
    assert list(entry.sites.values_list("site", "nrs", "quality")) == [("neck", 4, "tight")]


def test_the_form_of_an_earlier_moment_is_kept_as_it_was_filled_in(phone, line, alice):
    page = phone(alice, "/entries/earlier/", timezone_id="Asia/Tokyo")
    page.locator(".scale label.nrs-4").first.click()
    page.get_by_label("Day", exact=True).fill("2026-03-02")
    page.get_by_label("Time", exact=True).fill("09:15")
    page.get_by_label(re.compile("^Note")).fill("typed before the tunnel")
    line.turn("cut")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved 4 on this device.").wait_for()
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    entry = alice.patient.pain_entries.get()
    zone = alice.patient.zone
    assert (entry.note, entry.zone) == ("typed before the tunnel", zone)
    assert entry.felt_at.astimezone(ZoneInfo(zone)).isoformat()[:16] == "2026-03-02T09:15"


def test_detail_added_after_an_answer_was_lost_reaches_the_one_entry(phone, line, alice):
    page = phone(alice)
    line.turn("deaf")
    tap(page, 7)
    page.get_by_text("Saved 7 on this device.").wait_for()
    line.turn("cut")
    page.get_by_role("button", name="Say more").click()
    page.get_by_label(re.compile("^Note")).fill("added later")
    page.get_by_role("button", name="Keep on this device").click()
    page.get_by_text("with more that you said").wait_for()
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    assert list(alice.patient.pain_entries.values_list("nrs", "note")) == [(7, "added later")]


def test_what_is_discarded_after_it_had_arrived_unnoticed_is_deleted_there(phone, line, alice):
    page = phone(alice)
    line.turn("deaf")
    tap(page, 4)
    page.get_by_text("Saved 4 on this device.").wait_for()
    assert scores(alice) == [4]
    line.turn("cut")
    page.get_by_role("button", name="Undo").click()
    page.locator("[data-waiting]").wait_for(state="hidden")
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    assert scores(alice) == []


def test_what_changes_while_it_is_being_sent_goes_on_waiting(phone, alice):
    left = phone(alice).evaluate("""async () => {
      const store = await import("/static/tracker/js/store.js");
      const uuid = await store.keep({ account: "a", nrs: 3 });
      const [sent] = await store.waiting("a");
      await store.change(uuid, { nrs: 4, felt_at: sent.felt_at });
      await store.settle(sent);
      const [changed] = await store.waiting("a");
      await store.settle(changed);
      return [uuid === changed.uuid, changed.nrs, changed.first.nrs, (await store.waiting("a")).length];
    }""")
    assert left == [True, 4, 3, 0]


def test_discarding_at_log_out_takes_back_what_had_arrived_unnoticed(phone, line, alice):
    page = phone(alice)
    line.turn("deaf")
    tap(page, 4)
    page.get_by_text("Saved 4 on this device.").wait_for()
    kept = page.evaluate(READ_QUEUE)
    line.turn("up")
    page.goto("/accounts/logout/")
    wait_until_sent(page)
    page.evaluate(PUT_BACK, kept)
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Discard and log out").click()
    page.wait_for_url("**/welcome/")
    assert page.evaluate(LEFT_BEHIND) == {"databases": 0, "caches": [], "workers": 0, "stored": 0}
    assert scores(alice) == []


# A proxy without Ebb behind it, and the browser's own sync


@pytest.mark.parametrize("status", ["502", "503", "504"])
def test_a_proxy_that_answers_alone_is_no_network(phone, line, alice, status):
    page = phone(alice)
    line.turn(status)
    tap(page, 6)
    page.get_by_text("Saved 6 on this device.").wait_for()
    page.goto("/timeline/")
    page.get_by_role("heading", name="No network").wait_for()
    assert len(page.evaluate(READ_QUEUE)) == 1
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    assert scores(alice) == [6]


def test_the_browser_sends_in_the_background_when_no_page_is_open(phone, line, alice):
    page = phone(alice)
    write_without_network(page, line, 9)
    page.goto("about:blank")
    line.turn("up")
    browser, ids = page.context.browser.new_browser_cdp_session(), []
    session = page.context.new_cdp_session(page)
    session.on("ServiceWorker.workerRegistrationUpdated", lambda said: ids.extend(said["registrations"]))
    session.send("ServiceWorker.enable")
    wait_for(lambda: page.wait_for_timeout(50) or ids)
    [ours] = [one["registrationId"] for one in ids if one["scopeURL"].startswith(line.url)][:1]
    sync = {"origin": line.url, "registrationId": ours, "tag": "send", "lastChance": False}
    session.send("ServiceWorker.dispatchSyncEvent", sync)
    wait_for(lambda: page.wait_for_timeout(50) or scores(alice))
    browser.detach()
    assert scores(alice) == [9]


def wait_for(seen: Callable[[], Any]) -> None:
    for _try in range(500):
        if seen():
            return
    pytest.fail("it never came")


# What the server does not take


def test_an_entry_deleted_elsewhere_is_shown_and_can_be_sent_after_all(phone, line, alice, axe):
    page = phone(alice)
    [kept] = write_without_network(page, line, 5)
    line.turn("up")
    page.evaluate(TRY)
    wait_until_sent(page)
    pain_log.remove(by=alice.user, entry=alice.patient.pain_entries.get(), at=timezone.now())
    page.evaluate(PUT_BACK, [kept])
    page.evaluate(TRY)
    page.get_by_text("You deleted this entry on another device.").wait_for()
    assert scores(alice) == []
    page.get_by_text("Change it and send it again").click()
    axe(page)
    page.get_by_label("How was the pain?").fill("6")
    page.get_by_role("button", name="Send", exact=True).click()
    wait_until_sent(page)
    assert scores(alice) == [6]


def test_a_clock_that_runs_ahead_loses_nothing(phone, line, alice):
    page = phone(alice)
    [kept] = write_without_network(page, line, 5)
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    page.evaluate(PUT_BACK, [kept | {"felt_at": tomorrow.replace("+00:00", "Z")}])
    line.turn("up")
    page.goto("/")
    page.get_by_text("Pain cannot have been felt later than now.").wait_for()
    page.get_by_role("button", name="Discard").click()
    page.locator("[data-waiting]").wait_for(state="hidden")
    assert scores(alice) == []


# Whose entries they are


def test_signing_out_asks_what_to_do_with_what_waits_and_leaves_nothing(phone, line, alice, axe):
    page = phone(alice)
    kept = write_without_network(page, line, 4, 6)
    line.turn("up")
    page.goto("/accounts/logout/")
    wait_until_sent(page)
    page.evaluate(PUT_BACK, [kept[0] | {"uuid": "00000000-0000-4000-8000-000000000000"}])
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="One entry waits on this device").wait_for()
    axe(page)
    page.get_by_role("button", name="Discard and log out").click()
    page.wait_for_url("**/welcome/")
    assert page.evaluate(LEFT_BEHIND) == {"databases": 0, "caches": [], "workers": 0, "stored": 0}
    assert scores(alice) == [4, 6]
    page.goto("/")
    assert page.url.endswith("/welcome/")


def test_signing_out_can_send_first(phone, line, alice):
    page = phone(alice)
    kept = write_without_network(page, line, 4)
    line.turn("up")
    page.goto("/accounts/logout/")
    wait_until_sent(page)
    page.evaluate(PUT_BACK, [kept[0] | {"uuid": "00000000-0000-4000-8000-000000000000", "nrs": 9}])
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Send and log out").click()
    page.wait_for_url("**/welcome/")
    assert page.evaluate(LEFT_BEHIND) == {"databases": 0, "caches": [], "workers": 0, "stored": 0}
    assert scores(alice) == [4, 9]


def test_without_network_nobody_is_signed_out_and_nothing_is_taken_away(phone, line, alice):
    page = phone(alice, "/settings/")
    line.turn("cut")
    page.get_by_role("button", name="Log out").click()
    page.get_by_text("There is no network, and logging out needs it.").wait_for()
    assert page.evaluate(LEFT_BEHIND)["workers"] == 1


def test_another_person_on_the_device_neither_sees_nor_sends_nor_clears_them(phone, line, alice, bob):
    page = phone(alice)
    [kept] = write_without_network(page, line, 8)
    phone.sign_in(page.context, bob)  # alice's session ran out; she never signed out
    line.turn("up")
    page.goto("/")
    page.evaluate(TRY)
    page.wait_for_timeout(500)
    assert page.locator("[data-waiting]").is_hidden()
    page.goto("/offline/?entry=" + kept["uuid"])
    page.get_by_role("button", name="Log an earlier moment").wait_for()
    assert page.locator("[data-waiting]").is_hidden()
    assert page.locator("[data-detail]").is_hidden()
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/welcome/")
    assert PainEntry.objects.count() == 0
    phone.sign_in(page.context, alice)
    page.goto("/")
    page.get_by_text("One entry from this device was sent at").wait_for()
    assert (scores(alice), scores(bob)) == ([8], [])


def test_the_device_keeps_public_files_only(phone, alice):
    page = phone(alice)
    for path in ("/timeline/", "/entries/", "/settings/", "/treatments/"):
        page.goto(path)
    kept = page.evaluate("""async () => {
      const found = {};
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          found[new URL(request.url).pathname] = await (await cache.match(request)).text();
        }
      }
      return found;
    }""")
    assert {path for path in kept if not path.startswith("/static/")} == {
        "/offline/",
        "/moves/session/",
        "/offline/red-flags/",
        "/checkup/emergency/",
    }
    assert "Alice" not in "".join(kept.values())
    assert "alice" not in "".join(kept.values())
