"""Raw text to canonical text. Pure and idempotent; visible characters are never replaced."""

import re

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters, soft hyphens, zero-width marks, byte order marks and marks of writing
# direction: nobody sees them, yet they break searching, and the last kind can disguise a text.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(raw: str) -> str:
    r"""The canonical text of `raw`: what every offset in the product refers to.

    Line ends become `\n`, invisible characters go, as do blanks at line ends, blank lines at
    both ends, and all but one of several blank lines. Full-width forms stay: answers are shown
    in the report's own characters, so there is no Unicode normalisation here.
    """
    text = _LINE_ENDS.sub("\n", raw)
    text = _INVISIBLE.sub("", text).replace("\t", " ").replace("\xa0", " ")
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")
