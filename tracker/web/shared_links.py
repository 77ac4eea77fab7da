"""A page for whoever holds a link: no account, no word of anybody who happens to be signed in, nothing left behind."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from tracker.models import Share
from tracker.models.second_opinions import LONG_TEXT
from tracker.services import shared, sharing

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Share, P], HttpResponse]
# In the session: {digest of the link: [when it was opened, whether the sealed part is open]}.
OPENED = "opened_links"
OPEN_FOR = timedelta(hours=8)  # then the link is opened anew, with its passphrase; a day in a practice
MOST_OPEN = 10
MOST_SENT = 1_000_000  # bytes of a form; all its fields filled to the last character need less
MOST_FIELDS = 20
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


# A POST brings no token of ours: under `no-referrer` a browser sends `Origin: null`, which Django refuses. The address
# is unguessable, and what it opened is in a cookie that no other site's form brings along (SameSite=Lax).
def through_link(*methods: str, is_open: bool = True) -> Callable[[View], Callable[..., HttpResponse]]:
    """Calls the view with the link while it lives, in the patient's zone; `is_open`: once it was opened in this session."""

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, token: str, **key: object) -> HttpResponse:
            return private(_answer(request, token, view, methods, is_open, key))

        return guarded

    return decorate


def _answer(request, token, view, methods, is_open, key) -> HttpResponse:
    at = timezone.now()
    try:
        share = sharing.by_token(token, at=at)
        if request.method not in methods and request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(methods)
        if request.method not in methods or (is_open and not was_opened(request, share, at=at)):
            return redirect("shared", token)
        with timezone.override(ZoneInfo(share.patient.zone)):
            return view(request, share, token=token, at=at, **key)
    except (sharing.ShareUnknown, shared.NotOfThisLink):
        return render(request, "tracker/shared/nothing.html", status=404)
    except sharing.ShareEnded:
        return render(request, "tracker/shared/ended.html", status=410)


def private(response: HttpResponse) -> HttpResponse:
    """The address is a key: it travels on in no Referer, stays in no cache and no index."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def remember(request: HttpRequest, share: Share, *, at: datetime, with_sealed: bool = False) -> None:
    """That this session has opened the link. A stranger's session ends with the browser."""
    opened = {digest: seen for digest, seen in _opened(request).items() if _is_fresh(seen, at)}
    began = opened[share.token_digest][0] if with_sealed and share.token_digest in opened else at.isoformat()
    opened.pop(share.token_digest, None)
    opened[share.token_digest] = [began, with_sealed]
    request.session[OPENED] = dict(list(opened.items())[-MOST_OPEN:])
    if not request.user.is_authenticated:
        request.session.cycle_key()
        request.session.set_expiry(0)


def forget(request: HttpRequest, share: Share) -> None:
    request.session[OPENED] = {key: seen for key, seen in _opened(request).items() if key != share.token_digest}


def was_opened(request: HttpRequest, share: Share, *, at: datetime) -> bool:
    return _is_fresh(_opened(request).get(share.token_digest), at)


def has_sealed_open(request: HttpRequest, share: Share, *, at: datetime) -> bool:
    seen = _opened(request).get(share.token_digest)
    return _is_fresh(seen, at) and bool(seen[1])


def cut_short(request: HttpRequest) -> dict[str, str] | None:
    """The words of a form that is far too large, as far as they can be read; None for one of a usual size."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) <= MOST_SENT:
        return None
    begun = request.read(MOST_SENT)
    while request.read(MOST_SENT):  # to its end: a browser that is still sending does not listen
        pass
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    fields = begun.decode("utf-8", "replace").split("&")[:MOST_FIELDS]
    pairs = (field.partition("=") for field in fields)
    return {name: unquote_plus(words).replace("\0", "")[:LONG_TEXT] for name, _, words in pairs}


def device_of(request: HttpRequest) -> str:
    """Kind of browser in a word or two."""
    agent = request.headers.get("User-Agent", "")
    found = (next((name for sign, name in known if sign in agent), "") for known in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))


def _opened(request: HttpRequest) -> dict[str, list]:
    return request.session.get(OPENED, {})


def _is_fresh(seen: list | None, at: datetime) -> bool:
    return seen is not None and at < datetime.fromisoformat(seen[0]) + OPEN_FOR
