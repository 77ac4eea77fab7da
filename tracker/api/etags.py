"""Entity tags of pain entries and of the health profile, and the conditions that a client puts on a write (RFC 9110, section 13)."""

import re

from django.utils.http import parse_etags
from rest_framework.request import Request

from tracker.models import HealthProfile, PainEntry
from tracker.services.pain_log import Condition

_OURS = re.compile(r'"(0|[1-9]\d{0,18})"', re.ASCII)


def etag(entry: PainEntry | HealthProfile) -> str:
    return f'"{entry.version}"'


def condition(request: Request) -> Condition:
    """What If-Match and If-None-Match: * ask for; a tag that is none of ours matches nothing."""
    wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match", "")
    is_there = False if unwanted.strip() == "*" else None
    if wanted is None:
        return Condition(is_there=is_there)
    tags = parse_etags(wanted)
    if tags == ["*"]:
        return Condition(is_there=True if is_there is None else is_there)
    return Condition(is_there=is_there, versions=frozenset(int(tag[1:-1]) for tag in tags if _OURS.fullmatch(tag)))


def is_known(request: Request, entry: PainEntry | HealthProfile) -> bool:
    """The client has this version already; a proxy may have weakened the tag."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return tags == ["*"] or etag(entry) in {tag.removeprefix("W/") for tag in tags}
