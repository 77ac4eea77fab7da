"""What a device keeps of Ebb for a day without network: public files, and pages that hold nothing of anybody."""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import resolve, reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from assessments import services as checkups
from tracker.domain.move_drawings import DRAWINGS
from tracker.domain.moves import MOVES, STOP_SIGNS
from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.models import User
from tracker.models.names import SITE_GROUPS
from tracker.services import red_flags
from tracker.web.forms.entries import BlankForm
from tracker.web.presenters.beside import questions
from tracker.web.presenters.body import SiteRow

APPS = ("config", "tracker", "assessments")
KEPT_FILES = {".css", ".js", ".svg", ".woff2"}
SALT = "tracker.device"


def account_key(user: User) -> str:
    """Tells the entries on a device apart by person, and says nothing about the person."""
    return salted_hmac(SALT, str(user.pk), algorithm="sha256").hexdigest()[:32]


def offline_page() -> str:
    """The same for everybody: it is rendered without a request, so nothing of who asks for it can get in."""
    shown = {"scores": range(NRS_MIN, NRS_MAX + 1), "checkup_on": checkups.is_on()}
    return render_to_string("tracker/offline/show.html", shown | detail_form())


def session_page() -> str:
    """The guided session of the morning moves, rendered in the same way."""
    shown = {
        "moves": [(move, [(kind, DRAWINGS[key, kind]) for key, kind in DRAWINGS if key == move.key]) for move in MOVES],
        "stop_signs": STOP_SIGNS,
        "scores": range(NRS_MIN, NRS_MAX + 1),
        "checkup_on": checkups.is_on(),
    }
    return render_to_string("tracker/moves/session.html", shown)


def detail_form() -> dict[str, Any]:
    """All that can be said of an entry, with nothing said: the form, its questions, the places by region."""
    form = BlankForm()
    groups = [(group, [(key, name, False) for key, name in places]) for group, places in SITE_GROUPS]
    pattern = SiteRow(key="__key__", name="__name__")
    return {"form": form, "beside": questions(form), "page": {"form": form, "groups": groups, "pattern": pattern}}


def kept_pages() -> list[str]:
    """The addresses of the pages that are the same for everybody."""
    names = ["offline", "move_session"]
    names += ["offline_red_flags", "checkup:emergency"] if checkups.is_on() else []
    return [reverse(name) for name in names]


def asked_by_nobody(path: str) -> bytes:
    """A kept page as it is without anybody signed in."""
    request, found = HttpRequest(), resolve(path)
    request.method, request.path = "GET", path
    return found.func(request, *found.args, **found.kwargs).content


def own_files() -> Iterator[tuple[str, Path]]:
    """Name and place of each static file of ours that a page may link."""
    for app in APPS:
        folder = Path(apps.get_app_config(app).path) / "static"
        for path in sorted(folder.rglob("*")):
            if path.suffix in KEPT_FILES:
                yield path.relative_to(folder).as_posix(), path


@cache
def kept_on_device() -> dict[str, Any]:
    """The files' addresses, and a version that changes with any of them; both stand still while the process lives."""
    files, pages = list(own_files()), kept_pages()
    digest = sha256(b"".join(map(asked_by_nobody, pages)))
    for name, path in files:
        digest.update(static(name).encode() + path.read_bytes())
    addresses = [*pages, *(static(name) for name, _path in files)]
    alarm = alarm_answers()
    moves = [reverse("moves"), *(reverse("move_detail", args=[move.key]) for move in MOVES)]
    instead = dict.fromkeys(moves, reverse("move_session")) | alarm.pop("instead", {})
    told = {"version": digest.hexdigest()[:16], "files": addresses, "icon": icon("ebb-192.png", "")["src"]}
    return told | {"instead": instead} | alarm


def alarm_answers() -> dict[str, Any]:
    """Which kept page stands in for the short questions, and which of their answers lead to the emergency page."""
    if not checkups.is_on():
        return {}
    asked, page = reverse("red_flags"), reverse("checkup:emergency")
    emergency = {"asked": asked, "page": page, "answers": red_flags.emergency_answers()}
    return {"instead": {asked: reverse("offline_red_flags")}, "emergency": emergency}


def manifest() -> dict[str, Any]:
    return {
        "id": "/",
        "name": "Ebb",
        "short_name": "Ebb",
        "description": _("See what your pain does, and what really helps"),
        "start_url": reverse("today"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7f4ee",
        "theme_color": "#0b6b6b",
        "icons": [
            icon("ebb-192.png", "192x192"),
            icon("ebb-512.png", "512x512"),
            icon("ebb-maskable-512.png", "512x512", purpose="maskable"),
        ],
        "shortcuts": [{"name": _("Bad day: only the number"), "url": reverse("bad_day")}],
    }


def icon(name: str, sizes: str, **more: str) -> dict[str, str]:
    return {"src": static(f"config/icons/{name}"), "sizes": sizes, "type": "image/png", **more}
