"""Text to Markdown: the only place where text from reports and people becomes Markdown."""

import re

from rag.controls import without_controls

_SYNTAX = re.compile(r"([\\`*_\[\]<>#|~$&!])")
# What begins a list, a rule or a heading only at the start of a line.
_AT_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))", re.MULTILINE)


def escape_markdown(text: str) -> str:
    """Markdown that shows `text` and nothing else; control characters become U+FFFD."""
    escaped = _SYNTAX.sub(r"\\\1", without_controls(text))
    return _AT_START.sub(_escape_start, escaped)


def one_line(text: str) -> str:
    """`text` escaped and without line breaks, for a heading or a cell."""
    return escape_markdown(" ".join(text.split()))


def _escape_start(match: re.Match[str]) -> str:
    space, mark = match.groups()
    # A number is no syntax; the mark behind it is.
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"
