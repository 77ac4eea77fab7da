"""EBB_CHECKUP=off takes the check-up away and leaves everything else, with what was stored, as it was."""

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, clear_url_caches, get_resolver, reverse
from django.utils import timezone

import config.urls
from assessments import services
from assessments.models import Assessment
from tests.conftest import Person, client_for
from tests.engine.walking import walk
from tests.tracker.records import exported
from tracker.services import demo
from tracker.web.presenters.offline import kept_on_device

AT = timezone.now()
PAGES = ("today", "timeline", "attempt_list", "attempt_add", "moves", "settings_home", "second_opinion", "export_page")


@pytest.fixture
def urgent(alice: Person) -> Assessment:
    """A stored result that would rest the exercise, and a check-up that was only begun."""
    services.start(by=alice.user, at=AT)
    opened = services.start(by=alice.user, at=AT, known=walk({"bladder": "yes"}))
    return services.finish(by=alice.user, uuid=opened.uuid, at=AT)


@pytest.fixture
def switched_off(settings: Any, urgent: Assessment) -> Iterator[None]:
    settings.EBB_CHECKUP = False
    _read_afresh()
    yield
    settings.EBB_CHECKUP = True
    _read_afresh()


def _read_afresh() -> None:
    """The addresses, and what a device keeps of them: a process works both out once."""
    importlib.reload(config.urls)
    clear_url_caches()
    kept_on_device.cache_clear()


@pytest.mark.parametrize(
    "path",
    ["/checkup/", "/checkup/rulebook/", "/checkup/history/", "/api/v1/assessments/", "/api/v1/assessments/rulebook/"],
)
def test_its_addresses_are_not_there(switched_off: None, alice_client: Client, path: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("checkup:start")
    assert alice_client.get(path).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_no_other_page_speaks_of_it_or_breaks(switched_off: None, alice_client: Client, name: str) -> None:
    response = alice_client.get(reverse(name), follow=True)
    assert response.status_code == 200
    assert "/checkup/" not in response.content.decode()


def every_address() -> list[str]:
    """All addresses without a part to fill in."""
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    return sorted({reverse(name) for name in names if get_resolver().reverse_dict.getlist(name)[0][0][0][1] == []})


@pytest.mark.once
def test_no_address_at_all_breaks_or_leads_to_it(switched_off: None, alice: Person, alice_client: Client) -> None:
    dana = client_for(Person(demo.make(at=AT).user, "", ""))
    for client in (alice_client, dana):
        client.raise_request_exception = False
        answers = {path: client.get(path, follow=True) for path in every_address() if "logout" not in path}
        assert len(answers) > 40
        assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
        pages = {path: answer for path, answer in answers.items() if not answer.streaming}
        assert [path for path, answer in pages.items() if re.search(rb'["\x27]/checkup/', answer.content)] == []


def test_no_exercise_rests_for_an_earlier_result(switched_off: None, alice: Person, alice_client: Client) -> None:
    assert not services.exercise_is_paused(alice.user)
    assert "Resting" not in alice_client.get(reverse("today")).content.decode()


def test_what_was_stored_comes_along_in_exports(switched_off: None, alice: Person, urgent: Assessment) -> None:
    kept = {row["uuid"]: row for row in json.loads(exported(alice, "json"))["assessments"]}
    assert kept[str(urgent.uuid)]["outcome"]["level"] == "emergency"
    assert b"RiskAssessment" in exported(alice, "fhir")


def test_switched_on_again_all_is_as_it_was(alice_client: Client, urgent: Assessment) -> None:
    assert alice_client.get(reverse("checkup:result", args=[urgent.uuid])).status_code == 200


def test_every_public_page_can_do_without_it(switched_off: None, client: Client) -> None:
    for name in ("welcome", "account_login", "account_signup"):
        response = client.get(reverse(name))
        assert response.status_code == 200
        assert "/checkup/" not in response.content.decode()
