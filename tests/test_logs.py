import logging
import sys

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string


def written(message: str, *arguments: object, error: Exception | None = None) -> str:
    formatter = import_string(settings.LOGGING["formatters"]["line"]["class"])("%(message)s")
    info = (type(error), error, None) if error else None
    return formatter.format(logging.LogRecord("ebb", logging.INFO, "", 0, message, arguments, info))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param("Gone: /r/WzEsImRvbmUi:1x:y/", "Gone: /r/…/", id="a link from a reminder"),
        pytest.param("Not Found: /unsubscribe/a-b_c/", "Not Found: /unsubscribe/…/", id="an unsubscribe link"),
        pytest.param("/accounts/confirm-email/MQ:1:z/", "/accounts/confirm-email/…/", id="a confirmation"),
        pytest.param("/accounts/password/reset/key/3-set/", "/accounts/password/reset/key/…/", id="a new password"),
        pytest.param("550 <alice@example.org> unknown", "550 <…@…> unknown", id="a mail server's answer"),
        pytest.param("lower(email)=(alice@example.org)", "lower(email)=(…@…)", id="a key of the database"),
        pytest.param("bad row\nDETAIL:  (7, my note, x)", "bad row\nDETAIL: …", id="a refused row"),
        pytest.param("Not Found: /record/x/", "Not Found: /record/x/", id="what is no secret"),
    ],
)
def test_a_line_hides_what_names_a_person_or_opens_a_door(line: str, shown: str) -> None:
    assert written("%s", line) == shown


def test_the_text_of_an_error_is_no_way_round_it() -> None:
    assert "alice" not in written("failed", error=ValueError("no room for alice@example.org"))


def test_the_lines_of_a_real_request_go_through_it(db: None, client: Client, capsys: pytest.CaptureFixture) -> None:
    logger = logging.getLogger("django.request")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(import_string(settings.LOGGING["formatters"]["line"]["class"])("%(message)s"))
    logger.addHandler(handler)
    try:
        client.get("/r/a-made-up-token/")
    finally:
        logger.removeHandler(handler)
    assert capsys.readouterr().out == "Not Found: /r/…/\n"
