from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from tracker.models import Patient

CHANGES_SALT = "tracker.api.changes"


class NewestFirst(CursorPagination):
    """Pages by cursor. The cursor is sealed: what a client made up never reaches the database."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering: str | Sequence[str] = "-id"

    @property
    def salt(self) -> str:
        return "tracker.api.cursor " + " ".join(self.ordering)

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> Sequence[str]:
        """A view names its own order; the last part of it decides between equals."""
        return (*getattr(view, "ordering", ()), "-id")

    def encode_cursor(self, cursor: Cursor) -> str:
        sealed = signing.dumps([cursor.offset, cursor.reverse, cursor.position], salt=self.salt)
        return replace_query_param(self.base_url, self.cursor_query_param, sealed)

    def decode_cursor(self, request: Request) -> Cursor | None:
        sealed = request.query_params.get(self.cursor_query_param)
        if sealed is None:
            return None
        try:
            offset, reverse, position = signing.loads(sealed, salt=self.salt)
        except signing.BadSignature:
            raise NotFound(self.invalid_cursor_message) from None
        return Cursor(offset=offset, reverse=reverse, position=position)


def seal_position(patient: Patient, number: int) -> str:
    """Where a device stands in the changes of its patient's log, as a text that says nothing and cannot be made up."""
    return signing.dumps([patient.pk, number], salt=CHANGES_SALT)


def position(request: Request) -> int:
    """The number of the last change that the device has seen; 0 where it begins."""
    sealed, patient = request.query_params.get("cursor"), request.user.patient
    if sealed is None:
        return 0
    try:
        owner, number = signing.loads(sealed, salt=CHANGES_SALT)
    except signing.BadSignature:
        raise _begin_again() from None
    if owner != patient.pk or number > patient.change_number:  # a log that was put back from an older copy
        raise _begin_again()
    return number


def page_size(request: Request, *, usual: int, longest: int) -> int:
    """The wanted number of rows; what is no such number counts as not said."""
    try:
        wanted = int(request.query_params.get("limit", usual))
    except ValueError:
        return usual
    return min(wanted, longest) if wanted > 0 else usual


def _begin_again() -> NotFound:
    return NotFound(_("This cursor is not known. Begin again without one."))
