from collections.abc import Sequence
from typing import Any

from django.core import signing
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param


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
