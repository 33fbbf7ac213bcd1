"""The JSON schema of the answer record, for programs that read it."""

import json
from importlib.resources import files
from typing import Any

_FILE = "answer_schema.json"


def schema_text() -> str:
    """The schema as it is published: of `rag ask --json`, `/ask`, `/v1` and the tool `ask`."""
    return files("rag").joinpath(_FILE).read_text(encoding="utf-8")


def answer_schema() -> dict[str, Any]:  # Any: a JSON schema holds values of all kinds.
    """The schema of what `answer_record` gives, in draft 2020-12."""
    schema: dict[str, Any] = json.loads(schema_text())
    return schema


def passage_schema() -> dict[str, Any]:
    """The schema of what `passage_record` gives."""
    passage: dict[str, Any] = answer_schema()["$defs"]["passage"]
    return passage
