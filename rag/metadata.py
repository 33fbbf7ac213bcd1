"""What a report says about itself: title, place, years, date, sections, repeated text."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag.cleaning import clean
from rag.dates import find_published, find_years, parse_years
from rag.errors import DocumentError
from rag.headings import find_sections
from rag.lines import lines_of
from rag.regions import find_place
from rag.repeats import find_repeated
from rag.sentences import split_sentences
from rag.titles import derive_title, find_title, title_of_file
from rag.types import Document, Span

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"([A-Za-z_]+)\s*[:：]\s*(.*)")
_KNOWN = ("title", "place", "years", "published")
_NAMES = ("title", "place")
_MAX_NAME_CHARS = 500
_MAX_SHOWN_CHARS = 80
_PUBLISHED = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_IMPRINT_LINES = 20
# As `rag.parsing.tables` writes it. What its cells name, the report need not be about.
_TABLE_ROW = re.compile(r"^[^：；\n]{1,60}：[^；\n]+；[^：；\n]{1,60}：.*。$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Given:
    """What a sidecar or front matter says about a report; None where it is silent."""

    title: str | None = None
    place: str | None = None
    years: tuple[int, ...] | None = None
    published: str | None = None


def describe(
    document_id: str, document_hash: str, text: str, given: Given | None = None
) -> Document:
    """A document of canonical `text`; what is not given is derived from the text.

    A text without a title has the one that its file is named by, if it is, for `document_id`.
    Title, place and date of publication are never taken from the rows of a table.
    """
    given = given or Given()
    lines = [line for line in lines_of(text) if not _TABLE_ROW.fullmatch(line.text)]
    imprint = lines[:_IMPRINT_LINES] + lines[_IMPRINT_LINES:][-3:]
    found = find_title(lines)
    sections = find_sections(text, found.end if found else 0)
    named = given.title or (found.text if found else title_of_file(document_id))
    place = given.place or find_place(named, _TABLE_ROW.sub("", text))
    title = named or derive_title(place, sections, lines) or document_id
    published = given.published or find_published(imprint)
    years = given.years if given.years is not None else find_years(title, text, published)
    repeated = find_repeated(text, split_sentences(text))
    kept = tuple(s for s in sections if not _lies_in(s.span.start, repeated))
    return Document(
        document_id, document_hash, text, title, place, years, published, kept, repeated
    )


def split_front_matter(text: str) -> tuple[Given, str]:
    """What the `---` block at the start says, and the text behind it.

    Only a block of `name: value` lines with a known name counts; other text stays as it is.
    """
    match = _FRONT_MATTER.match(text)
    rows = [row for row in match.group(1).splitlines() if row.strip()] if match else []
    fields = [_FIELD.fullmatch(row.strip()) for row in rows]
    named = {f.group(1).lower(): f.group(2).strip(" \"'") for f in fields if f}
    if match is None or None in fields or not named.keys() & set(_KNOWN):
        return Given(), text
    return parse_given(named, "front matter"), text[match.end() :].lstrip("\n")


def parse_sidecar(content: str, name: str) -> Given:
    """What a sidecar file, `<stem>.meta.json`, says about its report.

    Raises:
        DocumentError: It is no JSON object, or a value has the wrong form.
    """
    try:
        values = json.loads(content)
    # RecursionError: brackets without end. Other than JSONDecodeError: a number without end.
    except (ValueError, RecursionError) as exc:
        raise DocumentError(f"{name}: not JSON ({exc}); correct or remove it") from exc
    if not isinstance(values, dict):
        raise DocumentError(f"{name}: expected an object with some of {', '.join(_KNOWN)}")
    return parse_given(values, name)


def parse_given(values: Mapping[str, object], name: str) -> Given:
    """Checked overrides; unknown names are left to other programs.

    Raises:
        DocumentError: A value has the wrong form.
    """
    for field in ("title", "place", "published"):
        if not isinstance(values.get(field, ""), str):
            raise DocumentError(f"{name}: {field} is {_shown(values[field])}; expected a text")
    published = str(values.get("published", "")).strip()
    if published and not _PUBLISHED.fullmatch(published):
        raise DocumentError(f"{name}: published is {_shown(published)}; expected YYYY-MM-DD")
    title, place = (_one_line(str(values.get(field, "")), field, name) for field in _NAMES)
    years = _years(values["years"], name) if "years" in values else None
    return Given(title or None, place or None, years, published or None)


def _one_line(value: str, field: str, name: str) -> str:
    """`value` cleaned as the text is: a name must not disguise itself, nor command a terminal."""
    line = " ".join(clean(value).split())
    if len(line) > _MAX_NAME_CHARS:
        raise DocumentError(
            f"{name}: {field} has {len(line)} characters; expected at most {_MAX_NAME_CHARS}"
        )
    return line


def _years(value: object, name: str) -> tuple[int, ...]:
    if isinstance(value, list) and all(type(year) is int for year in value):
        return tuple(sorted(set(value)))
    years = parse_years(str(value)) if isinstance(value, str | int) else ()
    if not years:
        raise DocumentError(f"{name}: years is {_shown(value)}; expected such as [2019, 2020]")
    return years


def _shown(value: object) -> str:
    """The start of a value that is not as expected: it may be as long as its file."""
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}…"


def _lies_in(offset: int, spans: tuple[Span, ...]) -> bool:
    return any(span.start <= offset < span.end for span in spans)
