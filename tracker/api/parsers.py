import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_BODY = 1_000_000  # bytes
MAX_BATCH_BODY = 5_000_000
MAX_FILE = 50_000_000  # a record with more files comes in a form, which is put on the disk
INT64 = range(-(2**63), 2**63)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_INT64 = 20  # characters, the sign included


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is too large.")


class BoundedJSONParser(BaseParser):
    """Strict JSON in UTF-8. What no database keeps, and what two programs would read differently, is refused."""

    media_type = "application/json"
    longest = MAX_BODY

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping | None = None) -> Any:
        body = stream.read(self.longest + 1)
        if len(body) > self.longest:
            raise BodyTooLarge(_("The body is larger than %(n)d megabyte(s).") % {"n": self.longest // 1_000_000})
        try:
            return read_json(body)
        except RecursionError:
            raise ParseError(_("The body is nested too deeply.")) from None
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %(error)s") % {"error": _printable(str(error))}) from None


class BatchJSONParser(BoundedJSONParser):
    longest = MAX_BATCH_BODY


class FileParser(BaseParser):
    """The bare bytes of a file, whatever they are."""

    longest = MAX_FILE

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping | None = None) -> bytes:
        body = stream.read(self.longest + 1)
        if len(body) > self.longest:
            words = _("The file is larger than %(n)d megabytes. Send a larger record as a form, in the field “file”.")
            raise BodyTooLarge(words % {"n": self.longest // 1_000_000})
        return body


# A record that Ebb has exported is JSON; a table goes by several names.
FILE_PARSERS = tuple(
    type(f"{name}Parser", (FileParser,), {"media_type": media_type})
    for name, media_type in {
        "Csv": "text/csv",
        "Tsv": "text/tab-separated-values",
        "Text": "text/plain",
        "Record": "application/json",
        "Bytes": "application/octet-stream",
    }.items()
)


def read_json(body: bytes) -> Any:
    """Raises ValueError or RecursionError for anything that is not strict JSON."""
    value = json.loads(
        body.decode("utf-8"),
        object_pairs_hook=_object,
        parse_constant=_not_json,
        parse_int=_int64,
        parse_float=_finite,
    )
    for text in _texts(value):
        if "\0" in text:
            raise ValueError("NUL in a string")
        if _SURROGATE.search(text):
            raise ValueError("half of a surrogate pair in a string")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("the same name twice in an object")
    return value


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _int64(digits: str) -> int:
    if len(digits) > _LONGEST_INT64 or (number := int(digits)) not in INT64:
        raise ValueError("a whole number beyond 64 bits")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number too large")
    return number


def _texts(value: Any) -> list[str]:
    """All strings in a parsed value, names included, without recursion."""
    waiting, texts = [value], []
    while waiting:
        match waiting.pop():
            case str() as text:
                texts.append(text)
            case dict() as members:
                texts += members
                waiting += members.values()
            case list() as items:
                waiting += items
    return texts


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
