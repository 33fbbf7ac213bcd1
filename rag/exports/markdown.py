"""Text to Markdown: the only place where text from reports and people becomes Markdown."""

import re

_SYNTAX = re.compile(r"([\\`*_\[\]<>#|~$&!])")
# What begins a list, a rule or a heading only at the start of a line.
_AT_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))", re.MULTILINE)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def escape_markdown(text: str) -> str:
    """Markdown that shows `text` and nothing else; control characters become U+FFFD."""
    escaped = _SYNTAX.sub(r"\\\1", without_controls(text))
    return _AT_START.sub(_escape_start, escaped)


def one_line(text: str) -> str:
    """`text` escaped and without line breaks, for a heading or a cell."""
    return escape_markdown(" ".join(text.split()))


def without_controls(text: str) -> str:
    """`text` with U+FFFD for what XML forbids and for marks that turn the direction of text."""
    return _CONTROL.sub("\ufffd", text)


def _escape_start(match: re.Match[str]) -> str:
    space, mark = match.groups()
    # A number is no syntax; the mark behind it is.
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"
