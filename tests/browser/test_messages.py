"""The buttons of a message on a device: answered by the worker, without a page and without a log-in."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.browser.lines import Line
from tests.browser.test_offline import line, phone  # noqa: F401
from tracker.models import Occurrence, Reminder
from tracker.services import reminders, web_push

# A message as the maker of the browser hands it over, then a tap on one of its buttons ("" is the message itself). A
# worker only waits for events that the browser itself has made, so what it would wait for is awaited here.
SHOW = """async (payload) => {
  const event = new PushEvent("push", { data: payload });
  const waits = [];
  Object.defineProperty(event, "waitUntil", { value: (promise) => waits.push(promise) });
  self.dispatchEvent(event);
  await Promise.all(waits);
  return (await self.registration.getNotifications()).map(({ title, actions }) => [title, actions.map((one) => one.title)]);
}"""
TAP = """async (action) => {
  const [notification] = await self.registration.getNotifications();
  const event = new NotificationEvent("notificationclick", { notification, action });
  const waits = [], opened = [];
  Object.defineProperty(event, "waitUntil", { value: (promise) => waits.push(promise) });
  Object.defineProperty(self.clients, "openWindow", { value: (url) => opened.push(url), configurable: true });
  self.dispatchEvent(event);
  await Promise.all(waits);
  return [opened, (await self.registration.getNotifications()).length];
}"""


@pytest.fixture
def row(alice: Any) -> Any:
    now = timezone.now()
    wall_time = (now + timedelta(minutes=2)).astimezone(timezone.get_fixed_timezone(0)).time()
    alice.patient.zone = "UTC"
    alice.patient.save()
    reminder = reminders.create(by=alice.user, kind=Reminder.Kind.MEDICINE, wall_time=wall_time, at=now)
    return Occurrence.objects.select_related("reminder__patient__user").filter(reminder=reminder).earliest("due_at")


def shown(phone: Callable[..., Any], alice: Any, line: Line, row: Any, settings: Any) -> Any:  # noqa: F811
    settings.SITE_URL = line.url
    page = phone(alice)
    page.context.grant_permissions(["notifications"], origin=line.url)
    (worker,) = page.context.service_workers
    payload = json.dumps(json.loads(web_push.reminder_message(row, at=row.due_at).payload))
    assert worker.evaluate(SHOW, payload) == [["Your reminder", ["Done", "Later"]]]
    return page, worker


@pytest.mark.parametrize(("action", "response"), [("done", "done"), ("snoozed", "snoozed")])
def test_a_button_answers_without_a_page(phone, line, alice, row, settings, action, response):  # noqa: F811
    page, worker = shown(phone, alice, line, row, settings)
    page.context.clear_cookies()
    assert worker.evaluate(TAP, action) == [[], 0]
    row.refresh_from_db()
    assert row.response == response


def test_without_network_or_once_answered_the_page_of_the_link_opens(phone, line, alice, row, settings):  # noqa: F811
    _page, worker = shown(phone, alice, line, row, settings)
    line.turn("cut")
    opened, n_left = worker.evaluate(TAP, "done")
    assert (len(opened), "/r/" in opened[0], n_left) == (1, True, 0)
    row.refresh_from_db()
    assert row.response == ""


def test_a_tap_on_the_message_itself_opens_ebb_and_answers_nothing(phone, line, alice, row, settings):  # noqa: F811
    _page, worker = shown(phone, alice, line, row, settings)
    worker.evaluate("() => Object.defineProperty(self.clients, 'matchAll', { value: async () => [] })")
    assert worker.evaluate(TAP, "") == [[f"{line.url}/"], 0]
    row.refresh_from_db()
    assert row.response == ""
