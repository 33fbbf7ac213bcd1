"""The fields of a JSON request, each checked for its type."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from rag.ui.programs.errors import ApiError, bad_request

Body = Mapping[str, object]


def parse_body(raw: bytes) -> Body:
    """The JSON object that a request holds.

    Raises:
        ApiError: It holds none.
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as exc:  # The latter: brackets without end.
        raise ApiError(400, f"the request is not JSON: {exc}", "invalid_json") from exc
    if not isinstance(body, dict):
        raise ApiError(400, "the request is not a JSON object", "invalid_json")
    return cast(Body, body)  # The keys of a JSON object are texts.


def text(body: Body, name: str) -> str:
    """A text that must be there."""
    value = body.get(name)
    if not isinstance(value, str):
        raise bad_request(name, f"'{name}' is {_shown(value)}; expected a text")
    return value


def items(body: Body, name: str, max_items: int) -> Sequence[object]:
    """A list that must be there, of 1 to `max_items`."""
    value = body.get(name)
    if not isinstance(value, list):
        raise bad_request(name, f"'{name}' is {_shown(value)}; expected a list")
    if not 1 <= len(value) <= max_items:
        raise bad_request(name, f"'{name}' has {len(value)} items; expected 1 to {max_items}")
    return value


def flag(body: Body, name: str) -> bool:
    """True or False; False if it is not there."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise bad_request(name, f"'{name}' is {_shown(value)}; expected true or false")
    return bool(value)


def whole_number(body: Body, name: str) -> int | None:
    """A whole number; None if it is not there."""
    value = body.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise bad_request(name, f"'{name}' is {_shown(value)}; expected a whole number")
    return value


def number(body: Body, name: str) -> float | None:
    """A number; None if it is not there."""
    value = body.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise bad_request(name, f"'{name}' is {_shown(value)}; expected a number")
    return value


def check_choice(body: Body, name: str, choices: Sequence[object]) -> None:
    """Refuse a request whose field `name` is there and none of `choices`."""
    value = body.get(name)
    if value is not None and value not in choices:
        expected = ", ".join(map(json.dumps, choices))
        raise bad_request(name, f"'{name}' is {_shown(value)}; this server knows: {expected}")


def _shown(value: object) -> str:
    if isinstance(value, str | int | float | bool | None):
        return json.dumps(value, ensure_ascii=False)[:80]
    return "a list" if isinstance(value, list) else "an object"
