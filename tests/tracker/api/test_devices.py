"""Two devices with copies of one log: whatever they do, in whatever order it arrives, in the end they agree."""

from itertools import count
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import client_for, open_person
from tests.tracker.api.conftest import Api
from tracker.models import PainEntry
from tracker.services import pain_log

FELT = "2026-03-01T07:30:00Z"
FIELDS = ("nrs", "note", "sites")
WHICH, WHAT = st.integers(0, 1), st.integers(0, 99)
SITES = st.lists(st.sampled_from(["neck", "low_back", "knee_left"]), unique=True, max_size=2)
SAID = st.fixed_dictionaries({"nrs": st.integers(0, 10), "note": st.sampled_from(["", "a", " b\n"]), "sites": SITES})
names = count()


class Device:
    """What an app does by docs/api-sync.md."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.copy: dict[str, dict[str, Any]] = {}
        self.queue: list[dict[str, Any]] = []
        self.sent: list[list[dict[str, Any]]] = []
        self.cursor = ""

    def key(self, number: int) -> str | None:
        keys = sorted(self.copy)
        return keys[number % len(keys)] if keys else None

    def hold(self, uuid: str, said: dict[str, Any], *, on_condition: bool) -> None:
        sites = [{"site": site, "nrs": None, "quality": ""} for site in sorted(said["sites"])]
        known = self.copy.get(uuid, {})
        entry = {"uuid": uuid, "felt_at": FELT, "version": known.get("version")} | said | {"sites": sites}
        self.copy[uuid] = entry
        condition = {"version": known["version"]} if on_condition and known.get("version") else {}
        row = {name: value for name, value in entry.items() if name != "version"}
        self.queue.append({"type": "entry"} | row | condition)

    def forget(self, uuid: str) -> None:
        del self.copy[uuid]
        self.queue.append({"type": "deleted", "uuid": uuid})

    def send(self, *, is_answer_lost: bool = False) -> None:
        rows, response = self.queue, self.api.post("/entries/batch/", {"changes": self.queue})
        results = response.json()["results"]
        assert [result["uuid"] for result in results] == [row["uuid"] for row in rows]
        assert all(result["problem"]["status"] in (410, 412) for result in results if result["result"] == "refused")
        self.sent.append(rows)
        if not is_answer_lost:
            self.queue = []

    def hear(self, *, limit: int, times: int = 100) -> None:
        for _ in range(times):
            query = {"limit": limit} | ({"cursor": self.cursor} if self.cursor else {})
            page = self.api.get("/entries/changes/", query_params=query).json()
            for row in page["changes"]:
                if row["type"] == "deleted":
                    self.copy.pop(row["uuid"], None)
                else:
                    self.copy[row["uuid"]] = row
            self.cursor = page["cursor"]
            if not page["has_more"]:
                return


def content(copy: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {uuid: {name: entry[name] for name in (*FIELDS, "version")} for uuid, entry in copy.items()}


class TwoDevices(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.person = open_person(f"alice{next(names)}")
        self.stranger = open_person(f"charlie{next(names)}")
        self.devices = [Device(Api(client_for(self.person))) for _ in range(2)]
        self.tokens: list[str] = []

    @rule(which=WHICH, said=SAID)
    def add(self, which: int, said: dict[str, Any]) -> None:
        self.devices[which].hold(str(uuid4()), said, on_condition=False)

    @rule(which=WHICH, what=WHAT, said=SAID, on_condition=st.booleans())
    def edit(self, which: int, what: int, said: dict[str, Any], on_condition: bool) -> None:
        if uuid := self.devices[which].key(what):
            self.devices[which].hold(uuid, said, on_condition=on_condition)

    @rule(which=WHICH, what=WHAT)
    def forget(self, which: int, what: int) -> None:
        if uuid := self.devices[which].key(what):
            self.devices[which].forget(uuid)

    @rule(which=WHICH, is_answer_lost=st.booleans())
    def send(self, which: int, is_answer_lost: bool) -> None:
        self.devices[which].send(is_answer_lost=is_answer_lost)

    @rule(which=WHICH, limit=st.integers(1, 3), times=st.integers(1, 2))
    def hear_some(self, which: int, limit: int, times: int) -> None:
        self.devices[which].hear(limit=limit, times=times)

    @rule(which=WHICH)
    def begin_again(self, which: int) -> None:
        self.devices[which].cursor, self.devices[which].copy = "", {}

    @rule(which=WHICH, what=WHAT)
    def an_old_batch_arrives_late(self, which: int, what: int) -> None:
        if sent := self.devices[which].sent:
            self.devices[which].api.post("/entries/batch/", {"changes": sent[what % len(sent)]})

    @rule(what=WHAT, nrs=st.integers(0, 10))
    def edit_on_the_page(self, what: int, nrs: int) -> None:
        if entry := self.entry(what):
            pain_log.change(by=self.person.user, entry=entry, at=timezone.now(), nrs=nrs)

    @rule(what=WHAT)
    def delete_on_the_page(self, what: int) -> None:
        if entry := self.entry(what):
            self.tokens.append(pain_log.remove(by=self.person.user, entry=entry, at=timezone.now()))

    @rule(what=WHAT)
    def put_back_on_the_page(self, what: int) -> None:
        if self.tokens:
            token = self.tokens[what % len(self.tokens)]
            pain_log.restore(by=self.person.user, token=token, at=timezone.now())

    @rule(which=WHICH)
    def the_same_again(self, which: int) -> None:
        self.devices[which].api.post("/entries/again/", {"uuid": str(uuid4())})

    def entry(self, what: int) -> PainEntry | None:
        entries = list(self.person.patient.pain_entries.order_by("pk"))
        return entries[what % len(entries)] if entries else None

    @invariant()
    def no_number_is_given_twice(self) -> None:
        if hasattr(self, "person"):
            patient = self.person.patient
            rows = [
                *patient.pain_entries.values_list("change_number"),
                *patient.entry_tombstones.values_list("change_number"),
            ]
            assert len(rows) == len(set(rows)) and (None,) not in rows

    def teardown(self) -> None:
        if not hasattr(self, "person"):
            return
        for device in self.devices:
            device.send()
        for device in self.devices:
            device.hear(limit=2)
        patient = self.person.patient
        there = {str(entry.uuid): entry for entry in patient.pain_entries.prefetch_related("sites")}
        first, second = (content(device.copy) for device in self.devices)
        assert first == second
        assert {uuid: entry["version"] for uuid, entry in first.items()} == {
            uuid: entry.version for uuid, entry in there.items()
        }
        for uuid, entry in there.items():
            sites = [
                {"site": site.site, "nrs": site.nrs, "quality": site.quality} for site in entry.sites.order_by("site")
            ]
            assert first[uuid] == {"nrs": entry.nrs, "note": entry.note, "sites": sites, "version": entry.version}
        assert not {UUID(uuid) for uuid in there} & set(patient.entry_tombstones.values_list("uuid", flat=True))
        assert not self.stranger.patient.pain_entries.exists()


def test_two_devices_agree_in_the_end(db):
    careful = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(TwoDevices, settings=careful)
