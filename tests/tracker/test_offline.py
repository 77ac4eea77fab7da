"""What a device is given to keep, and what it is told at log-out."""

import json
import re
import shutil
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from config.static_storage import LocalStorage
from tracker.api.serializers.entries import EntrySerializer
from tracker.services import pain_log
from tracker.web.presenters import offline as device


def client_for(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def test_a_stranger_gets_no_pass(client, db):
    response = client.get(reverse("device_pass"))
    assert (response.status_code, response.json()) == (401, {})


def test_the_pass_names_the_account_by_a_key_that_says_nothing(alice, bob):
    passes = [client_for(person).get(reverse("device_pass")) for person in (alice, bob)]
    keys = [response.json()["account"] for response in passes]
    assert keys[0] != keys[1]
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
    assert keys[0] == device.account_key(alice.user)
    assert "no-store" in passes[0]["Cache-Control"]


def test_the_token_of_the_pass_opens_the_log_for_its_owner(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user)
    path = "/api/v1/entries/00000000-0000-4000-8000-000000000000/"
    body = {"nrs": 4, "felt_at": "2026-03-01T07:30:00Z", "source": "offline"}
    assert client.put(path, body, "application/json").status_code == 403
    token = client.get(reverse("device_pass")).json()["token"]
    answer = client.put(path, body, "application/json", headers={"X-CSRFToken": token, "If-None-Match": "*"})
    assert answer.status_code == 201
    assert alice.patient.pain_entries.get().source == "offline"


@pytest.mark.parametrize("name", ["offline", "offline_red_flags", "move_session"])
def test_the_offline_page_is_the_same_for_everybody(client, alice, name):
    own, strangers = client_for(alice).get(reverse(name)), client.get(reverse(name))
    assert own.content == strangers.content
    assert not re.search(b"(?i)alice|csrf|name=.account", own.content)
    assert own["Cache-Control"] == "no-cache"


def test_the_offline_page_asks_all_that_the_api_takes_of_an_entry(client, db):
    named = set(re.findall(r'name="([a-z_]+?)(?:___key__)?"', client.get(reverse("offline")).content.decode()))
    said_by_others = {"uuid", "zone", "local_date", "recorded_at", "changed_at", "version", "source"}
    assert EntrySerializer().fields.keys() - said_by_others <= named
    assert {"quality", "felt_at"} <= named


@pytest.mark.parametrize("path", ["/?entry={uuid}", "/entries/{uuid}/", "/entries/{uuid}/sites/"])
def test_a_form_about_an_entry_says_how_it_was_for_the_worker(alice, path):
    sites = [pain_log.SiteRating(site="neck", nrs=4, quality="tight")]
    felt_at = datetime(2026, 3, 1, 7, 30, 15, tzinfo=UTC)
    said = {"nrs": 5, "felt_at": felt_at, "zone": "Europe/Berlin", "sites": sites}
    entry = pain_log.add(by=alice.user, uuid=uuid4(), source="web", at=felt_at, **said)
    page = client_for(alice).get(path.format(uuid=entry.uuid)).content.decode()
    before = json.loads(unescape(re.search(r'name="before" value="([^"]*)"', page)[1]))
    assert before["sites"] == [{"site": "neck", "nrs": 4, "quality": "tight"}]
    assert (before["nrs"], before["felt_at"]) == (5, felt_at.isoformat())
    assert device.account_key(alice.user) in page


def test_the_emergency_page_that_is_kept_holds_nothing_of_anybody(client, alice):
    alice.patient.emergency_region = "uk"
    alice.patient.save()
    strangers = client.get(reverse("checkup:emergency"))
    assert strangers.content == device.asked_by_nobody(reverse("checkup:emergency"))
    assert not re.search(b"(?i)alice|csrf|name=.(account|region)", strangers.content)
    assert all(f'href="tel:{number}"' in strangers.content.decode() for number in ("112", "999", "911", "000"))
    own = client_for(alice).get(reverse("checkup:emergency"))
    assert (re.findall(r'class="call" href="tel:(\d+)"', own.content.decode()), own["Cache-Control"]) == (
        ["999"],
        "no-store",
    )


def test_without_check_ups_a_device_keeps_neither_their_questions_nor_the_emergency_page(client, db, settings):
    settings.EBB_CHECKUP = False
    assert device.kept_pages() == [reverse("offline"), reverse("move_session")]
    assert device.alarm_answers() == {}
    assert "emergency" not in re.sub("emergency.css", "", client.get(reverse("offline")).content.decode()).lower()


def test_the_worker_keeps_the_offline_page_and_files_that_are_there(client, db):
    response = client.get(reverse("service_worker"))
    assert response["Content-Type"].startswith("text/javascript")
    files = device.kept_on_device()["files"]
    pages = [reverse(name) for name in ("offline", "move_session", "offline_red_flags", "checkup:emergency")]
    assert files[:4] == pages
    assert all(finders.find(name.removeprefix("/static/")) for name in files[4:])
    assert all(f'"{name}"' in response.content.decode() for name in files)


@pytest.mark.parametrize("name", ["offline", "offline_red_flags", "checkup:emergency"])
def test_all_that_the_offline_page_links_is_kept(client, db, name):
    content = client.get(reverse(name)).content.decode()
    linked = set(re.findall(r'(?:src|href)="(/static/[^"#]+\.(?:css|js|svg))"', content))
    assert linked
    assert linked <= set(device.kept_on_device()["files"])


def test_ebb_can_be_installed_from_any_page(client, db):
    assert f'<link rel="manifest" href="{reverse("manifest")}">' in client.get(reverse("welcome")).content.decode()
    manifest = client.get(reverse("manifest")).json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in manifest["icons"])


def test_the_policy_allows_our_own_worker_alone(client, db):
    assert "worker-src 'self'" in client.get(reverse("welcome"))["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("others", "cleared"),
    [
        pytest.param("", '"cache", "storage"', id="nobody else has written here"),
        pytest.param("1", '"cache"', id="what another person wrote stays theirs"),
    ],
)
def test_logging_out_clears_the_device(alice, others, cleared):
    response = client_for(alice).post(reverse("account_logout"), {"others": others})
    assert (response.status_code, response["Clear-Site-Data"]) == (302, cleared)


def test_asking_whether_to_log_out_clears_nothing(alice):
    assert "Clear-Site-Data" not in client_for(alice).get(reverse("account_logout"))


def test_a_bad_day_asks_nothing_but_the_number(alice):
    client = client_for(alice)
    saved = client.post(reverse("entry_add"), {"nrs": 8, "from": "bad_day"}, follow=True)
    assert saved.redirect_chain[0][0].startswith(reverse("bad_day"))
    assert "Saved 8." in saved.content.decode()
    entry = alice.patient.pain_entries.get()
    undone = client.post(reverse("entry_delete", args=[entry.uuid]), {"from": "bad_day"})
    assert undone.url == reverse("bad_day")


def test_a_bad_day_shows_no_entry_of_another(alice, bob):
    client_for(bob).post(reverse("entry_add"), {"nrs": 3})
    entry = bob.patient.pain_entries.get()
    assert "Saved" not in client_for(alice).get(reverse("bad_day"), {"entry": entry.uuid}).content.decode()


def test_scripts_import_each_other_under_names_that_change_with_their_content(tmp_path):
    shutil.copytree(Path(apps.get_app_config("tracker").path) / "static", tmp_path, dirs_exist_ok=True)
    scripts = [path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("tracker/js/*.js")]
    storage = LocalStorage(tmp_path, "/static/")
    faults = [
        result
        for _, _, result in storage.post_process({name: (storage, name) for name in scripts})
        if result not in (True, False)
    ]
    assert faults == []
    worker = (tmp_path / storage.hashed_files["tracker/js/worker.js"]).read_text()
    assert re.search(r'from "\./store\.[0-9a-f]{12}\.js"', worker)
    assert '"./store.js"' not in worker
