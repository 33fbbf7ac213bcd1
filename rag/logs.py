"""Log lines for people or for machines, each with the id of the question that it belongs to."""

import json
import logging
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

from rag.controls import escaped_in_json

LogFormat = Literal["text", "json"]

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the question being answered in this context; empty outside of one."""

_OURS = ("embeddings", "rag")


def configure_logs(*, verbose: bool, form: LogFormat) -> None:
    """Write log lines to standard error; our own from INFO on if `verbose` or for machines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_for_people)
    handler.setFormatter(JsonFormatter() if form == "json" else _TextFormatter())
    logging.basicConfig(handlers=[handler])
    level = logging.INFO if verbose or form == "json" else logging.WARNING
    for name in _OURS:
        logging.getLogger(name).setLevel(level)


def new_request_id() -> str:
    """An id that no other question has."""
    return uuid.uuid4().hex[:16]


@contextmanager
def within_request(given: str) -> Iterator[None]:
    """What is logged meanwhile, in this context, belongs to the question `given`."""
    token = request_id.set(given)
    try:
        yield
    finally:
        request_id.reset(token)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, request_id, fields, error.

    `fields` is what a call logs as `extra={"fields": {...}}`; its names stand beside the others.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        shown: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if given := request_id.get():
            shown["request_id"] = given
        shown.update(getattr(record, "fields", {}))
        if record.exc_info:
            shown["error"] = self.formatException(record.exc_info)
        return escaped_in_json(json.dumps(shown, ensure_ascii=False, default=str))


class _TextFormatter(logging.Formatter):
    """`LEVEL logger: message`, with the id of the question behind it, and one line each."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        given = request_id.get()
        line = super().formatMessage(record)
        # What a person or a file is called must not pass for a line of its own.
        line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
        return f"{line} [{given}]" if given else line


def _is_for_people(record: logging.LogRecord) -> bool:
    # Some libraries set their own loggers to DEBUG.
    return record.name.partition(".")[0] in _OURS or record.levelno >= logging.WARNING
