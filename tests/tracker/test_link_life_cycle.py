"""The table of docs/link-life-cycle.md, cell by cell."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.tracker.test_sharing_pages import PASSPHRASE, address, of_brief, open_it, tells_nothing, write_view
from tests.tracker.test_sharing_pages import opinion as opinion  # a fixture
from tracker.services import second_opinions, sharing

LINES = (Path(__file__).parents[2] / "docs/link-life-cycle.md").read_text().splitlines()
HEAD, _, *ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES if line.startswith("|")]
STATES = HEAD[1:]
TABLE = {row[0]: dict(zip(STATES, map(int, row[1:]), strict=True)) for row in ROWS}


class Life:
    """One link and one browser, brought into a state."""

    def __init__(self, alice, opinion):
        self.alice, self.opinion, self.client = alice, opinion, Client()
        self.share = of_brief(alice, opinion)
        self.path = address(self.share)

    def become(self, state):
        getattr(self, f"be_{state.replace(' ', '_')}")()

    def be_made(self):
        pass

    def be_opened(self):
        open_it(self.client, self.share)

    def be_view_written(self):
        self.be_opened()
        write_view(self.client, self.share)

    def be_sealed_part_open(self):
        self.be_view_written()
        self.client.post(f"{self.path}sealed/")

    def be_left(self):
        self.be_sealed_part_open()
        self.client.post(f"{self.path}close/")

    def be_paused(self):
        for _ in range(sharing.TRIES):
            open_it(self.client, self.share, "not this one")

    def be_ended(self):
        self.be_sealed_part_open()
        sharing.revoke(by=self.alice.user, share=self.share, at=timezone.now())

    def be_over(self):
        self.be_sealed_part_open()
        self.alice.patient.shares.filter(pk=self.share.pk).update(expires_at=timezone.now())

    def be_opinion_closed(self):
        self.be_sealed_part_open()
        second_opinions.close(by=self.alice.user, opinion=self.opinion, at=timezone.now())

    def be_opinion_deleted(self):
        self.be_sealed_part_open()
        second_opinions.remove(by=self.alice.user, opinion=self.opinion)

    def be_account_off(self):
        self.be_sealed_part_open()
        type(self.alice.user).objects.filter(pk=self.alice.user.pk).update(is_active=False)

    def be_guessed(self):
        self.be_sealed_part_open()
        self.path = f"/shared/{'A' * 43}/"

    def act(self, name):
        get, post, files = self.client.get, self.client.post, [f"files/{uuid}/" for uuid in self.opinion.attached]
        view = {"view-clinician": "Dr. Q", "view-diagnosis": "x", "view-uuid": str(uuid4())}
        return {
            "look, as a mail scanner does": lambda: get(self.path),
            "open with the passphrase": lambda: post(self.path, {"passphrase": PASSPHRASE}),
            "open with another one": lambda: post(self.path, {"passphrase": "another one"}),
            "save as PDF": lambda: get(f"{self.path}pdf/a4/"),
            "save as FHIR": lambda: get(f"{self.path}fhir/"),
            "open a result": lambda: get(self.path + files[0]),
            "write a view": lambda: post(f"{self.path}view/", view),
            "ask the patient": lambda: post(f"{self.path}question/", {"ask-text": "Since when?"}),
            "open the sealed part": lambda: post(f"{self.path}sealed/"),
            "read the sealed part": lambda: get(f"{self.path}sealed/"),
            "open a report": lambda: get(self.path + files[1]),
            "leave": lambda: post(f"{self.path}close/"),
        }[name]()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", TABLE)
def test_each_act_answers_as_the_table_says(alice, opinion, monkeypatch, act, state):
    monkeypatch.setattr("tracker.services.summary_pdf.pdf", lambda sheet, paper: b"%PDF")
    life = Life(alice, opinion)
    life.become(state)
    answer = life.act(act)
    assert answer.status_code == TABLE[act][state]
    if state not in ("opened", "view written", "sealed part open"):
        assert tells_nothing(answer)
