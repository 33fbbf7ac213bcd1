"""Keeps out of the training set what the system is measured on.

A text that shares a run of 40 characters with a seed report, and a question that is one of the
questions measured with, must not be in it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rag.config import RagConfig
from rag.loading import load_documents
from training.corpus import read_rows

_RUN = 40
_LOOSE = re.compile(r"[\W_]+")


class Forbidden:
    """What may not be trained on."""

    def __init__(self, texts: Iterable[str], questions: Iterable[str]) -> None:
        """Take the texts and the questions measured with."""
        self._runs = {run for text in texts for run in _runs(_bare(text))}
        self._questions = {_bare(question) for question in questions}

    def has_text(self, text: str) -> bool:
        """True if `text` shares a run of characters, punctuation aside, with a forbidden text."""
        return any(run in self._runs for run in _runs(_bare(text)))

    def has(self, question: str, text: str) -> bool:
        """True if one of the two is forbidden."""
        return self.has_question(question) or self.has_text(text)

    def has_question(self, question: str) -> bool:
        """True if `question` is a forbidden one, punctuation aside."""
        return _bare(question) in self._questions


def load_forbidden(seeds: Path, data: Path) -> Forbidden:
    """The seed reports, their questions, and the benchmarks of the data folder.

    Args:
        seeds: Folder of the reports with `questions.jsonl`.
        data: Folder of the training data with `qa_bench/`.
    """
    texts = [document.text for document in load_documents([seeds], RagConfig()).documents]
    rows = map(json.loads, (seeds / "questions.jsonl").read_text("utf-8").splitlines())
    questions = [row["question"] for row in rows]
    for path in sorted((data / "qa_bench").glob("*.jsonl.gz")):
        questions += [asked["question"] for row in read_rows(path) for asked in row["qas"]]
    return Forbidden(texts, questions)


def _bare(text: str) -> str:
    return _LOOSE.sub("", text)


def _runs(text: str) -> Iterator[str]:
    return (text[i : i + _RUN] for i in range(len(text) - _RUN + 1))
