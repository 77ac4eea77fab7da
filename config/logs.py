"""Log lines that name nobody: no address of a person, no key from a link, no values of a refused row."""

import logging
import re

HIDDEN = (
    (re.compile(r"(/(?:r|unsubscribe|shared|accounts/confirm-email|accounts/password/reset/key)/)[^/\s'\"]+"), r"\1…"),
    (re.compile(r"[^\s<>\"'`(),:;=]+@[^\s<>\"'`(),:;=]+"), "…@…"),
    # PostgreSQL repeats the row that it refuses.
    (re.compile(r"^DETAIL:.*$", re.MULTILINE), "DETAIL: …"),
)


class DiscreetFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret, shown in HIDDEN:
            line = secret.sub(shown, line)
        return line
