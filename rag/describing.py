"""The text of a file to its report: here, or, if it is long, in a process of its own.

Finding title, place, sections and repetitions takes seconds for a million characters. Here it would
take them from the questions that are answered meanwhile, and nothing could end it.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.cleaning import clean
from rag.decoding import decode
from rag.errors import DocumentError
from rag.metadata import Given, describe, split_front_matter
from rag.parsing.limits import check_chars
from rag.parsing.process import late, run_worker
from rag.parsing.worker import Record, serve_record
from rag.records import document_of
from rag.types import Document

# Some tenths of a second, about what it takes to start the process.
MAX_BYTES_HERE = 200_000

_WORKER = (sys.executable, "-m", "rag.describing")


def describe_file(
    data: bytes,
    name: str,
    given: Given,
    *,
    has_pages: bool,
    max_seconds: float,
    worker: Sequence[str] = _WORKER,
) -> Document:
    """The report that a text makes, without the hash of its file and its pages.

    Args:
        data: The text in any usual encoding.
        name: The file's name, with which each message begins.
        given: What a sidecar says of it, which goes before what its front matter says.
        has_pages: The places of its pages are known, so that they must stay: then it has no front
            matter.
        max_seconds: Time limit, wall-clock, of a text that is longer than `MAX_BYTES_HERE`.
        worker: The command of the worker process; `name` is added to it.

    Raises:
        DocumentError: It is no text or none that can be used, has none, or takes too long.
    """
    if len(data) <= MAX_BYTES_HERE:
        return _describe(data, name, given, has_pages)
    # One line, which JSON without white space for people always is.
    asked = json.dumps({"given": asdict(given), "has_pages": has_pages}).encode()
    record = run_worker([*worker, name], asked + b"\n" + data, name, max_seconds, late(max_seconds))
    return document_of(record)


def main() -> None:
    """Read a request from standard input and write the record of the report."""
    serve_record(_describe_to_record, sys.argv[1])


def _describe_to_record(request: bytes, name: str) -> Record:
    asked, _, data = request.partition(b"\n")
    fields = json.loads(asked)
    return asdict(_describe(data, name, _given(fields["given"]), fields["has_pages"]))


def _given(record: Mapping[str, Any]) -> Given:  # Any: as JSON gave it back
    years = record["years"]
    return Given(**{**record, "years": None if years is None else tuple(years)})


def _describe(data: bytes, name: str, given: Given, has_pages: bool) -> Document:
    text = clean(decode(data, name))
    check_chars(len(text), name)
    own = Given()
    if not has_pages:
        own, text = split_front_matter(text)
        text = clean(text)
    if not text.strip():
        raise DocumentError(f"{name}: holds no text; remove it or give it its text")
    return describe(Path(name).stem, "", text, _prefer(given, own))


def _prefer(first: Given, second: Given) -> Given:
    return Given(
        first.title or second.title,
        first.place or second.place,
        first.years if first.years is not None else second.years,
        first.published or second.published,
    )


if __name__ == "__main__":
    main()
