"""Texts of the data folder as documents and windows, as the pipeline itself cuts them."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import opencc

from rag.chunking import chunk_document
from rag.cleaning import clean
from rag.metadata import Given, describe
from rag.types import Span

_NEWS_START = re.compile(r"^(?P<date>\d{4}-\d\d-\d\d)[^，]{0,12}，正文：")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of text with its header, as the reader will meet it."""

    text: str
    header: str
    source: str
    document: int
    place: str | None = None
    year: str | None = None


@dataclass(frozen=True, slots=True)
class HumanQuestion:
    """A person's question on a whole context; `spans` are its answers' places."""

    question: str
    title: str
    context: str
    spans: tuple[Span, ...]
    source: str


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a `.jsonl.gz` file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def report_windows(path: Path, rng: Random) -> Iterator[Window]:
    """Chunks of work reports with the headers of the pipeline; lengths vary."""
    for number, row in enumerate(read_rows(path)):
        document = describe(f"{path.stem}-{number}", "", clean(row["text"]), Given())
        year = str(document.years[-1]) if document.years else None
        for chunk in chunk_document(document, rng.choice((120, 200, 300, 300))):
            yield Window(chunk.text, chunk.header, path.name, number, document.place, year)


def news_windows(path: Path, rng: Random, limit: int | None = None) -> Iterator[Window]:
    """Stretches of news articles; the header is the article's first words, or nothing."""
    for number, row in enumerate(read_rows(path)):
        if limit is not None and number >= limit:
            return
        text = clean(row["text"])
        match = _NEWS_START.match(text)
        body = text[match.end() :] if match else text
        document = describe(f"{path.stem}-{number}", "", body, Given())
        title = rng.choice(("", document.title, re.split("[，。]", body)[0][:30]))
        for chunk in chunk_document(document, rng.choice((120, 200, 300))):
            yield Window(chunk.text, title, path.name, number)


def human_questions(folder: Path) -> Iterator[HumanQuestion]:
    """DRCD in Simplified, CMRC 2018 trial and the news questions."""
    simplify = opencc.OpenCC("t2s").convert
    for path in sorted(folder.glob("*.jsonl.gz")):
        convert = simplify if path.name.startswith("drcd") else str
        for row in read_rows(path):
            context = convert(row["context"])
            if len(context) != len(row["context"]):
                continue
            for asked in row["qas"]:
                spans = {
                    Span(a["answer_start"], a["answer_start"] + len(a["text"]))
                    for a in asked["answers"]
                }
                question, title = convert(asked["question"]), convert(row["title"] or "")
                yield HumanQuestion(question, title, context, tuple(sorted(spans)), path.name)
