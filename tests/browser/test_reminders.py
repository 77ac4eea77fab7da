"""Reminders, the ways they take, and the pages that their mails lead to: by keyboard, and for a screen reader."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.push_sink import Maker
from tracker.models import MailStop, Occurrence, Reminder
from tracker.services import answers, calendar_feeds, medicines, push_devices, reminders

HIGH = {"width": 360, "height": 9000}  # the bar at the bottom covers nothing
# What is wider than the card or column that it stands in.
SPILLS = """all => all.filter(one => one.scrollWidth > one.clientWidth + 1
  || one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1)
  .map(one => one.outerHTML.slice(0, 80))"""
LIST, ADD, WAYS = reverse("reminder_list"), reverse("reminder_add"), reverse("reminder_ways")


@pytest.fixture
def row(alice: Any) -> Any:
    """A reminder that went out just now."""
    now = timezone.now()
    reminder = reminders.create(by=alice.user, kind=Reminder.Kind.MORNING_MOVES, wall_time=now.time(), at=now)
    today = reminder.occurrences.earliest("due_at")
    sent = {"state": "sent", "sent_at": now, "n_sends": 1, "due_at": now - timedelta(minutes=1)}
    Occurrence.objects.filter(pk=today.pk).update(**sent)
    return today


def test_all_that_folds_out_and_what_went_wrong_is_accessible(
    open_page: Callable[..., Any], axe: Callable[[Any], None], alice: Any, row: Any
) -> None:
    now = timezone.now()
    maker = Maker().subscription | {"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/one"}
    phone, _new = push_devices.put(by=alice.user, uuid=row.reminder.uuid, name="Old phone", at=now, **maker)
    phone.gone_at = now
    phone.save()
    calendar_feeds.replace(by=alice.user, at=now)
    MailStop.objects.create(
        patient=alice.patient, address=alice.email, reason="bounced", words="550 5.1.1", stopped_at=now
    )
    page = open_page(LIST, person=alice, viewport=HIGH)
    page.get_by_text("Show what was sent").click()
    axe(page)
    for path in (WAYS, "/", reverse("reminder_edit", args=[row.reminder.uuid])):
        page.goto(path)
        assert page.get_by_text("Your mails have stopped").is_visible() is (path == "/")
        for summary in page.locator("main summary:visible").all():
            summary.click()
        axe(page)
        if path == WAYS:
            new_one = page.locator("[data-push-form]")
            assert new_one.evaluate("form => getComputedStyle(form).marginTop") == "16px"


def test_what_comes_before_the_list_stands_apart_from_its_heading(
    open_page: Callable[..., Any], alice: Any, row: Any
) -> None:
    stop = {"address": alice.email, "reason": "bounced", "words": "550 5.1.1", "stopped_at": timezone.now()}
    MailStop.objects.create(patient=alice.patient, **stop)
    page = open_page(LIST, person=alice, viewport=HIGH)
    button, card = page.get_by_role("link", name="Add a reminder"), page.get_by_role("region", name="Your mails have")
    assert card.bounding_box()["y"] >= button.bounding_box()["y"] + button.bounding_box()["height"] + 12


def test_the_pages_of_a_mails_links_are_accessible_before_and_after(
    open_page: Callable[..., Any], axe: Callable[[Any], None], row: Any
) -> None:
    page = open_page(reverse("unsubscribe", args=[row.reminder.unsubscribe_key]), viewport=HIGH)
    axe(page)
    for action in ("score", "snoozed", "skipped", "done"):
        token = answers.link_tokens(occurrence=row, actions=[action], n_send=1)[action]
        page.goto(reverse("reminder_act", args=[token]))
        axe(page)
    page.get_by_role("button", name="Yes, done").press("Enter")
    page.get_by_role("heading", name="Noted").wait_for()
    axe(page)
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_role("heading", name="Taken back").wait_for()


def test_a_reminder_is_made_by_keyboard_alone_and_asks_for_a_medicine_only_where_it_is_for_one(
    open_page: Callable[..., Any], alice: Any
) -> None:
    now = timezone.now()
    medicines.add_medicine(by=alice.user, uuid=uuid4(), at=now, on=now.date(), name="Naproxen")
    page = open_page(f"{ADD}?kind=log_pain", person=alice)
    assert not page.get_by_label("Which medicine?").is_visible()
    page.get_by_label("Log my pain").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Which medicine?").wait_for()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.type("0730AM")
    page.get_by_label("Sunday").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Your reminder is set.").wait_for()
    made = alice.patient.reminders.timed().get()
    assert (made.kind, made.wall_time, made.weekdays) == ("log_pain", time(7, 30), "123456")


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_names_as_long_as_they_come_stay_within_their_card(
    open_page: Callable[..., Any], alice: Any, row: Any, width: int
) -> None:
    now, name = timezone.now(), "Metamizol-Brausetablettenherstellungsgesellschaftsgenerikumsverordnung"
    drug = medicines.add_medicine(by=alice.user, uuid=uuid4(), at=now, on=now.date(), name=name)
    taken = reminders.create(by=alice.user, kind=Reminder.Kind.MEDICINE, wall_time=time(8), medicine=drug, at=now)
    sent = {"state": "sent", "sent_at": now, "n_sends": 1, "due_at": now - timedelta(minutes=1)}
    taken.occurrences.update(**sent)
    maker = Maker().subscription | {"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/one"}
    push_devices.put(by=alice.user, uuid=uuid4(), name=name, at=now, **maker)
    page = open_page(LIST, person=alice, viewport={"width": width, "height": 900})
    page.get_by_text("Show what was sent").click()
    for path in (LIST, WAYS, "/"):
        if path != LIST:
            page.goto(path)
        assert page.locator("main").get_by_text(name).first.is_visible()
        assert not page.locator("main section, main section .row, main h2, main .chip").evaluate_all(SPILLS), path
