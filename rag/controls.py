"""Characters that nobody sees and that command what shows a text."""

import re

# What a terminal obeys, and marks that turn the direction of text.
_COMMANDS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]",
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_JSON_LETS_THROUGH = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_REPLACEMENT = "\ufffd"


def without_commands(text: str) -> str:
    """`text` with U+FFFD for each such character; tabs and line ends stay."""
    return _COMMANDS.sub(_REPLACEMENT, text)


def without_controls(text: str) -> str:
    """As `without_commands`, and without lone surrogates: what XML and UTF-8 can hold."""
    return _SURROGATES.sub(_REPLACEMENT, without_commands(text))


def escaped_in_json(text: str) -> str:
    r"""The same JSON, with such characters, which stand in its strings only, as `\uXXXX`."""
    return _JSON_LETS_THROUGH.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
