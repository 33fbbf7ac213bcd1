"""Stretches of a text that repeat what stands earlier in it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Span

# Shorter repetitions are phrases and formulas that a report may use more than once.
_MIN_REPEATED = 100
# A differing heading of at most this length between two repeated runs is part of the copy.
_MAX_GAP = 40
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(slots=True)
class _Run:
    """Sentences `first..last` repeat those from `source` on."""

    first: int
    last: int
    source: int


def find_repeated(text: str, sentences: Sequence[Span]) -> tuple[Span, ...]:
    """Spans of runs of sentences that stand word for word earlier in `text`.

    Width of letters and punctuation do not count. A run needs 100 different characters, so that
    phrases and rows of a table may recur. Headings changed within the copy belong to it.
    """
    keys = [_key(span.of(text)) for span in sentences]
    runs = [run for run in _join(_find_runs(keys), keys) if _is_long(run, keys)]
    return tuple(Span(sentences[run.first].start, sentences[run.last].end) for run in runs)


def _key(sentence: str) -> str:
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", sentence)).lower()


def _find_runs(keys: Sequence[str]) -> list[_Run]:
    first_seen: dict[str, int] = {}
    runs: list[_Run] = []
    current: _Run | None = None
    for number, key in enumerate(keys):
        if current and keys[current.source + number - current.first] == key:
            current.last = number
            continue
        source = first_seen.setdefault(key, number)
        current = _Run(number, number, source) if source < number else None
        if current:
            runs.append(current)
    return runs


def _join(runs: Sequence[_Run], keys: Sequence[str]) -> list[_Run]:
    """Neighbouring runs made one where only a short stretch between them differs."""
    joined: list[_Run] = []
    for run in runs:
        if joined and _is_one_copy(joined[-1], run, keys):
            joined[-1].last = run.last
        else:
            joined.append(_Run(run.first, run.last, run.source))
    return joined


def _is_one_copy(before: _Run, after: _Run, keys: Sequence[str]) -> bool:
    gap = "".join(keys[before.last + 1 : after.first])
    source_start = before.source + before.last - before.first + 1
    if not source_start <= after.source <= source_start + after.first - before.last + 3:
        return False
    replaced = "".join(keys[source_start : after.source])
    # A changed figure is news, not a copy.
    return max(len(gap), len(replaced)) <= _MAX_GAP and _digits(gap) <= _digits(replaced)


def _digits(text: str) -> set[str]:
    return set(re.findall(r"\d+", text))


def _is_long(run: _Run, keys: Sequence[str]) -> bool:
    return sum(map(len, set(keys[run.first : run.last + 1]))) >= _MIN_REPEATED
