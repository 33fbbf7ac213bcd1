"""Build the reader's training set: human questions, questions made in place, and negatives.

One command with a seed: `python -m training.prepare_reader_data DATA OUT`. Writes
`train.jsonl.gz`, `heldout.jsonl.gz` and `manifest.json` (counts and hashes).
"""

import argparse
import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random

from rag.types import Span
from training.corpus import HumanQuestion, Window, human_questions, news_windows, report_windows
from training.english import english_question
from training.negatives import NegativePool
from training.questions import make_question, warm_up
from training.spans import Item, find_items
from training.variation import vary

_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")
_ENGLISH_KINDS = ("number", "double", "percent", "money", "date", "place", "person", "org", "list")
_ENGLISH_SHARE = 0.2
_REPORT_SHARE = 0.6
_KIND_WEIGHTS = {
    "number": 5.0, "money": 5.0, "double": 40.0, "percent": 2.5, "rank": 4.0, "date": 3.0,
    "title": 3.0, "slogan": 2.5, "list": 2.5, "how": 3.0, "means": 4.0, "why": 3.0,
    "effect": 1.5, "place": 2.0, "org": 1.5, "person": 4.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """One question with one passage; no spans means that the passage does not say."""

    question: str
    header: str
    passage: str
    spans: tuple[tuple[int, int], ...]
    kind: str
    source: str


def made_positive(window: Window, rng: Random) -> tuple[Example, str | None] | None:
    """A made question on a window, and the place it names."""
    window = vary(window, rng)
    sentences = [m for m in _SENTENCE.finditer(window.text) if len(m.group()) > 8]
    if not sentences:
        return None
    chosen = rng.choices(sentences, [_interest(m.group()) for m in sentences])[0]
    items = find_items(chosen.group())
    if not items:
        return None
    weights = [_KIND_WEIGHTS[item.kind] for item in items]
    item = rng.choices(items, weights)[0]
    place = window.place if rng.random() < 0.85 else None
    year = window.year if rng.random() < 0.3 else None
    question = _ask(chosen.group(), item, place, year, rng)
    if question is None:
        return None
    span = item.span.shift(chosen.start())
    example = Example(
        question, window.header, window.text, ((span.start, span.end),), item.kind, window.source
    )
    return example, window.place if place else None


def _interest(sentence: str) -> float:
    """How much a sentence is wanted: figures are what people ask for, double ones are rare."""
    if re.search(r"\d万?户、?\d", sentence):
        return 20.0
    return 4.0 if re.search(r"\d", sentence) else 1.0


def _ask(sentence: str, item: Item, place: str | None, year: str | None, rng: Random) -> str | None:
    if item.kind in _ENGLISH_KINDS and rng.random() < _ENGLISH_SHARE:
        return english_question(sentence, item.span.of(sentence), item.kind, place, year, rng)
    return make_question(sentence, item, place, year, rng)


def without_answer(example: Example) -> Example | None:
    """The same question with the sentence that answers it taken out of the passage."""
    start, end = example.spans[0]
    for match in _SENTENCE.finditer(example.passage):
        if match.start() <= start and end <= match.end():
            rest = example.passage[: match.start()] + example.passage[match.end() :]
            if len(rest) > 50 and example.passage[start:end] not in rest:
                return replace(example, passage=rest, spans=(), kind="no: sentence removed")
    return None


def elsewhere(example: Example, place: str, places: Sequence[str], rng: Random) -> Example | None:
    """The same passage asked for another place or another year."""
    years = re.findall(r"(?:19|20)\d\d年", example.question)
    if years and rng.random() < 0.4:
        other = f"{int(years[0][:4]) + rng.choice((-4, -3, -2, -1, 1, 2, 3))}年"
        if other[:4] in example.passage + example.header:
            return None
        question = example.question.replace(years[0], other)
        return replace(example, question=question, spans=(), kind="no: other year")
    other = rng.choice(places)
    if place not in example.question or other in example.passage + example.header:
        return None
    question = example.question.replace(place, other)
    return replace(example, question=question, spans=(), kind="no: other place")


def made_examples(windows: Sequence[Window], n: int, rng: Random) -> Iterator[Example]:
    """About `n` made questions, and about as many negatives."""
    pool = NegativePool(windows)
    reports = [window for window in windows if window.place]
    others = [window for window in windows if not window.place]
    places = sorted({window.place for window in windows if window.place})
    while n > 0:
        batch: list[tuple[Example, str | None]] = []
        while len(batch) < min(512, n):
            kind = reports if rng.random() < _REPORT_SHARE or not others else others
            made = made_positive(rng.choice(kind), rng)
            if made is not None:
                batch.append(made)
        n -= len(batch)
        yield from (example for example, _ in batch)
        for (example, place), hard in zip(batch, pool.find(batch, rng), strict=True):
            yield from _negatives(example, place, hard, places, rng)


def _negatives(
    example: Example, place: str | None, hard: Window | None, places: list[str], rng: Random
) -> Iterator[Example]:
    if hard is not None and rng.random() < 0.65:
        yield replace(
            example, passage=hard.text, header=hard.header, spans=(), kind="no: other passage"
        )
    choice = rng.random()
    changed = None
    if choice < 0.15:
        changed = without_answer(example)
    elif choice < 0.4 and place is not None:
        changed = elsewhere(example, place, places, rng)
    if changed is not None:
        yield changed


def is_held_out(title: str) -> bool:
    """True for one article in twenty, the same ones whatever the seed."""
    return hashlib.sha256(title.encode()).digest()[0] % 20 == 0


def human_examples(questions: Sequence[HumanQuestion], rng: Random) -> Iterator[Example]:
    """Each human question on a window that answers it, and for a part on one that does not."""
    for asked in questions:
        span = asked.spans[0]
        header = asked.title if rng.random() < 0.6 else ""
        window = _window_with(asked.context, span, rng)
        passage = window.of(asked.context)
        inside = span.shift(-window.start)
        yield Example(asked.question, header, passage, ((inside.start, inside.end),), "human",
                      asked.source)  # fmt: skip
        other = _window_without(asked, rng)
        if other is not None and rng.random() < 0.6:
            yield Example(asked.question, header, other, (), "no: same article", asked.source)


def _window_with(context: str, span: Span, rng: Random) -> Span:
    size = max(len(span) + 20, rng.choice((140, 200, 260, 320)))
    start = max(0, min(span.start - rng.randint(0, max(0, size - len(span))), len(context) - size))
    return Span(start, max(min(len(context), start + size), span.end))


def _window_without(asked: HumanQuestion, rng: Random) -> str | None:
    answer = asked.spans[0].of(asked.context)
    size = rng.choice((140, 200, 260))
    starts = [s for s in range(0, max(1, len(asked.context) - 80), 60)
              if answer not in asked.context[s : s + size]]  # fmt: skip
    if not starts:
        return None
    start = rng.choice(starts)
    return asked.context[start : start + size]


def write(path: Path, examples: Sequence[Example]) -> dict[str, object]:
    """Write examples as JSON lines; give back counts and the hash of the rows."""
    digest = hashlib.sha256()
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for example in examples:
            line = json.dumps(asdict(example), ensure_ascii=False)
            digest.update(line.encode())
            out.write(line + "\n")
    kinds = Counter(example.kind for example in examples)
    return {"n": len(examples), "kinds": dict(kinds.most_common()), "sha256": digest.hexdigest()}


def main() -> None:
    """Write the sets and their manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with qa_train/ and text/")
    parser.add_argument("out", type=Path)
    parser.add_argument("--made", type=int, default=20_000, help="made questions")
    parser.add_argument("--news", type=int, default=1500, help="articles of each news file")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rng = Random(given.seed)
    warm_up()
    text = given.data / "text"
    windows = [w for p in sorted(text.glob("*reports*.gz")) for w in report_windows(p, rng)]
    held_windows = [w for w in windows if w.document % 10 == 3]
    windows = [w for w in windows if w.document % 10 != 3]
    for path in sorted(text.glob("news_*.gz")):
        windows.extend(news_windows(path, rng, given.news))
    human = list(human_questions(given.data / "qa_train"))
    rng.shuffle(human)
    train = [*made_examples(windows, given.made, rng),
             *human_examples([q for q in human if not is_held_out(q.title)], rng)]  # fmt: skip
    held = [*made_examples(held_windows, 600, rng),
            *human_examples([q for q in human if is_held_out(q.title)], rng)]  # fmt: skip
    rng.shuffle(train)
    manifest = {
        "seed": given.seed,
        "made": given.made,
        "news": given.news,
        "train": write(given.out / "train.jsonl.gz", train),
        "heldout": write(given.out / "heldout.jsonl.gz", held),
    }
    (given.out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2))
    print(json.dumps(manifest, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
