"""How tests say a morning, and the one that they live in."""

from datetime import date, datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.urls import reverse

from tests.conftest import Person
from tracker.domain.move_gate import POINTS
from tracker.services import exercises, move_plans

AUCKLAND = ZoneInfo("Pacific/Auckland")
EARLY = datetime(2026, 6, 2, 6, 30, tzinfo=AUCKLAND)  # a Tuesday there, still Monday in UTC
MONDAY, TUESDAY = date(2026, 6, 1), date(2026, 6, 2)
ALL_CLEAR = dict.fromkeys((point.key for point in POINTS), "no")


def page(client: Client) -> str:
    """What the page of the moves says."""
    return unescape(client.get(reverse("moves")).content.decode())


def open_gate(person: Person, *, on: date, **answers: str) -> None:
    move_plans.answer_gate(by=person.user, answers=ALL_CLEAR | answers, on=on)


def do_moves(person: Person, *, at: datetime, on: date, pain: int = 2, morning: int | None = 2, **said: Any) -> None:
    """A session, and how the morning after was."""
    said = {"exercises_done": ["cat_camel"]} | said
    exercises.record(by=person.user, on=on, at=at, pain_during=pain, **said)
    if morning is not None:
        exercises.note_morning(by=person.user, on=on, pain=morning, at=at)
