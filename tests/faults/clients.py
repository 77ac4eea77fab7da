"""People who log their pain, by phone and by browser, while Ebb is being killed under their hands."""

import contextlib
import http.client
import json
import random
import re
import threading
import urllib.parse
from datetime import UTC, datetime
from uuid import UUID, uuid4

EMAIL, PASSWORD = "alice@example.org", "a long walk by the sea"
# Run in `manage.py shell`: the account that they log in to.
ALICE = f"""
from allauth.account.models import EmailAddress
from django.utils import timezone
from tracker.models import User
from tracker.services import accounts
now = timezone.now()
alice = User.objects.create_user("{EMAIL}", "{PASSWORD}")
EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
accounts.open_record(by=alice, is_adult=True, consents=True, at=now, zone="UTC")
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
KEPT = (200, 201, 302)


class Client(threading.Thread):
    """Logs one entry after another, and sends each again, under the same uuid, until Ebb has said that it has it."""

    def __init__(self, port: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.port, self.dice, self.enough = port, random.Random(seed), threading.Event()
        self.acknowledged: dict[UUID, int] = {}
        self.strange: list[object] = []
        self.n_repeats = 0

    def run(self) -> None:
        self.log_in()
        while not self.enough.is_set():
            uuid, nrs = uuid4(), self.dice.randint(0, 10)
            while not self.is_kept(uuid, nrs):
                self.n_repeats += 1
                if self.enough.wait(0.1):
                    return
            self.acknowledged[uuid] = nrs

    def stop(self) -> None:
        self.enough.set()
        self.join(60)

    def is_kept(self, uuid: UUID, nrs: int) -> bool:
        try:
            status = self.send(uuid, nrs)
        except (OSError, http.client.HTTPException):
            return False
        if status not in KEPT:
            self.strange.append(status)
        return status in KEPT

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body.encode(), headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def log_in(self) -> None:
        raise NotImplementedError

    def send(self, uuid: UUID, nrs: int) -> int:
        raise NotImplementedError


class Phone(Client):
    """A mobile client, by token."""

    token = ""

    def log_in(self) -> None:
        said = json.dumps({"email": EMAIL, "password": PASSWORD})
        _status, _headers, body = self.ask("POST", "/_allauth/app/v1/auth/login", said, **JSON)
        self.token = json.loads(body)["meta"]["session_token"]

    def send(self, uuid: UUID, nrs: int) -> int:
        said = json.dumps({"nrs": nrs, "felt_at": datetime.now(UTC).isoformat(), "note": str(uuid)})
        return self.ask("PUT", f"/api/v1/entries/{uuid}/", said, **JSON, **{"X-Session-Token": self.token})[0]


class Browser(Client):
    """Taps on Today."""

    form_token = ""

    def log_in(self) -> None:
        self.cookies: dict[str, str] = {}
        self.visit("GET", "/accounts/login/")
        self.visit("POST", "/accounts/login/", login=EMAIL, password=PASSWORD)
        self.visit("GET", "/")

    def send(self, uuid: UUID, nrs: int) -> int:
        return self.visit("POST", "/entries/add/", uuid=str(uuid), nrs=str(nrs))

    def visit(self, method: str, path: str, **fields: str) -> int:
        body = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": self.form_token}) if fields else ""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        status, headers, page = self.ask(method, path, body, **FORM, Cookie=cookie)
        for line in headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if found := re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page):
            self.form_token = found[1]
        return status
