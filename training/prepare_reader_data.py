"""Build the reader's training set: human questions, questions made in place, and negatives.

One command with a seed: `python -m training.prepare_reader_data DATA OUT`. Writes
`train.jsonl.gz`, `heldout.jsonl.gz`, `manifest.json` (counts and hashes) and `samples.md`, which
a person can read. The result depends on the seed and the sizes alone, not on `--workers`.
"""

import argparse
import hashlib
import json
import multiprocessing
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

from rag.queries import question_to_read
from training.corpus import HumanQuestion, Window, human_questions, news_windows, report_windows
from training.english import english_question
from training.examples import Example, Passage, write_examples
from training.leaks import Forbidden, load_forbidden
from training.lists import enumeration_question, find_enumerations, take_apart
from training.negatives import (
    NegativePool,
    half_answer,
    other_place,
    other_year,
    without_sentence,
)
from training.questions import decorate, make_question, reword, warm_up
from training.samples import write_samples
from training.spans import Item, find_items
from training.variation import vary
from training.yes_no import yes_no_question

_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")
_ENGLISH_KINDS = ("number", "double", "percent", "money", "date", "place", "person", "org", "list")
_shard_of: Callable[[int, int], list[Example]]
_NAMES_SHARE = 0.35
_RAW_ENGLISH_SHARE = 0.3
_NUMBERED_SHARE = 0.01
_REWORDED_SHARE = 0.3
_LONGEST_ANSWER = 64
_SHARD = 512
"""Made questions that share a search for negatives and a seed."""
_KIND_WEIGHTS = {
    "number": 5.0, "money": 5.0, "double": 40.0, "percent": 2.5, "rank": 4.0, "date": 3.0,
    "title": 3.0, "slogan": 1.0, "list": 2.0, "how": 3.0, "means": 4.0, "why": 3.0,
    "effect": 1.0, "place": 3.0, "org": 2.5, "person": 8.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """The shares that the ablations vary (`docs/experiments.md`).

    Attributes:
        reports: Share of made questions on reports, the rest being on news.
        english: Share of questions in English among the kinds that English frames ask for.
        silent: Share of questions whose passages do not answer.
        gutted: Share of these that may get the answer's own passage without the answer; the
            others get near passages, other places and other years.
        yes_no: Share of made questions that ask for yes or no.
        lists: Share of made lists that are taken apart into numbered items.
        headers: Whether passages carry their contextual header.
        most_passages: Passages of a question at most.
    """

    reports: float = 0.7
    english: float = 0.15
    silent: float = 0.25
    gutted: float = 0.5
    yes_no: float = 0.05
    lists: float = 0.2
    headers: bool = True
    most_passages: int = 3


@dataclass(frozen=True, slots=True)
class Made:
    """A made question on its window."""

    question: str
    window: Window
    spans: tuple[tuple[int, int], ...]
    kind: str
    names_year: bool
    word: str = ""


def make(window: Window, recipe: Recipe, rng: Random) -> Made | None:
    """A question made in place on a window or on a variation of it."""
    window = vary(window, rng)
    sentences = [m for m in _SENTENCE.finditer(window.text) if len(m.group()) > 8]
    if not sentences:
        return None
    chosen = rng.choices(sentences, [_interest(m.group()) for m in sentences])[0]
    if rng.random() < recipe.yes_no:
        return _make_yes_no(window, chosen, rng)
    items = find_items(chosen.group(), names=rng.random() < _NAMES_SHARE)
    if not items:
        return None
    item = rng.choices(items, [_KIND_WEIGHTS[item.kind] for item in items])[0]
    place = window.place if rng.random() < 0.85 else None
    year = window.year if rng.random() < 0.4 else None
    question = _ask(chosen.group(), item, place, year, recipe, rng)
    if question is None:
        return None
    span = item.span.shift(chosen.start())
    names_year = year is not None and year in question
    if item.kind == "list" and rng.random() < recipe.lists:
        apart = take_apart(window.text, (span.start, span.end), rng)
        if apart is not None:
            text, spans = apart
            return Made(question, replace(window, text=text), spans, "items", names_year)
    return Made(question, window, ((span.start, span.end),), item.kind, names_year)


def _make_list(window: Window, rng: Random) -> Made | None:
    window = vary(window, rng)
    found = list(find_enumerations(window.text))
    if not found:
        return None
    enumeration = rng.choice(found)
    body = enumeration_question(enumeration, rng)
    if body is None:
        return None
    place = window.place if rng.random() < 0.85 else None
    return Made(decorate(body, place, None, rng), window, enumeration.items, "items", False)


def _make_yes_no(window: Window, sentence: re.Match[str], rng: Random) -> Made | None:
    asked = yes_no_question(sentence.group(), rng)
    if asked is None:
        return None
    body, word, (start, end) = asked
    place = window.place if rng.random() < 0.85 else None
    span = (sentence.start() + start, sentence.start() + end)
    return Made(decorate(body, place, None, rng), window, (span,), "yesno", False, word)


def _interest(sentence: str) -> float:
    """How much a sentence is wanted: figures are what people ask for, double ones are rare."""
    if re.search(r"\d万?户、?\d", sentence):
        return 20.0
    return 4.0 if re.search(r"\d", sentence) else 1.0


def _ask(
    sentence: str, item: Item, place: str | None, year: str | None, recipe: Recipe, rng: Random
) -> str | None:
    if item.kind in _ENGLISH_KINDS and rng.random() < recipe.english:
        answer = item.span.of(sentence)
        english = english_question(sentence, answer, item.kind, place, year, rng)
        if english is None or rng.random() < _RAW_ENGLISH_SHARE:
            return english
        return question_to_read(english, () if place is None else (place,))
    return make_question(sentence, item, place, year, rng)


def made_shard(shard: int, n: int, pool: NegativePool, recipe: Recipe, seed: int) -> list[Example]:
    """`n` made questions with their passages; the same for the same shard and seed."""
    rng = Random(f"{seed}/{shard}")
    made: list[Made] = []
    while len(made) < n:
        if pool.listing and rng.random() < _NUMBERED_SHARE:
            one = _make_list(rng.choice(pool.listing), rng)
        else:
            is_report = rng.random() < recipe.reports or not pool.others
            one = make(rng.choice(pool.reports if is_report else pool.others), recipe, rng)
        if one is not None:
            made.append(one)
    answers = [one.window.text[slice(*one.spans[0])] for one in made]
    near = pool.find([one.question for one in made], answers, [one.window for one in made], rng)
    return [_with_passages(one, hard, recipe, rng) for one, hard in zip(made, near, strict=True)]


def _with_passages(made: Made, near: Sequence[Window], recipe: Recipe, rng: Random) -> Example:
    """The question with its window, or for a part without it, among designed negatives."""
    silent = rng.random() < recipe.silent
    wanted = rng.choices((1, 2, 3, 4), (0.2, 0.35, 0.25, 0.2))[0]
    wanted = min(wanted, recipe.most_passages)
    chosen = [] if silent else [("gold", made.window)]
    designed = list(_designed(made, silent and rng.random() < recipe.gutted, rng))
    rng.shuffle(designed)
    designed = designed[: 1 if silent else rng.choice((0, 1, 1))]
    found = [("other passage", window) for window in near]
    chosen.extend([*designed, *found][: max(wanted - len(chosen), 1 if silent else 0)])
    if not chosen:
        chosen = [("gold", made.window)]
    rng.shuffle(chosen)
    return _example(made, chosen, recipe)


def _designed(made: Made, gutted: bool, rng: Random) -> Iterator[tuple[str, Window]]:
    window, question = made.window, made.question
    if window.place and window.place in question:
        twin = other_place(window, rng)
        if twin is not None and str(twin.place) not in question:
            yield "other place", twin
    if made.names_year:
        twin = other_year(window, rng)
        if twin is not None:
            yield "other year", twin
    if gutted:
        rest = without_sentence(window.text, made.spans[0])
        if rest is not None:
            yield "sentence removed", replace(window, text=rest)
        half = half_answer(window.text, made.spans[0], made.kind, rng)
        if half is not None:
            yield "half answer", replace(window, text=half)


def _example(made: Made, chosen: Sequence[tuple[str, Window]], recipe: Recipe) -> Example:
    names = tuple(name for name, _ in chosen)
    gold = names.index("gold") if "gold" in names else -1
    return Example(
        made.question,
        tuple(Passage(w.header if recipe.headers else "", w.text) for _, w in chosen),
        gold,
        made.spans if gold >= 0 else (),
        made.kind,
        names,
        made.window.source,
        made.word if gold >= 0 else "",
    )


def made_examples(
    windows: Sequence[Window], n: int, recipe: Recipe, seed: int, workers: int
) -> list[Example]:
    """`n` made questions with their passages."""
    pool = NegativePool(windows)
    sizes = [min(_SHARD, n - begin) for begin in range(0, n, _SHARD)]
    context = multiprocessing.get_context("fork")  # the pool of negatives is not copied
    with context.Pool(workers, _share, (pool, recipe, seed)) as processes:
        parts = processes.starmap(_shared_shard, enumerate(sizes), chunksize=1)
    return [example for part in parts for example in part]


def _share(pool: NegativePool, recipe: Recipe, seed: int) -> None:
    """Keep in a worker process what all its shards use."""
    global _shard_of
    _shard_of = partial(made_shard, pool=pool, recipe=recipe, seed=seed)


def _shared_shard(shard: int, n: int) -> list[Example]:
    return _shard_of(shard, n)


def is_held_out(title: str) -> bool:
    """True for one article in twenty, the same ones whatever the seed."""
    return hashlib.sha256(title.encode()).digest()[0] % 20 == 0


def is_held_out_report(number: int) -> bool:
    """True for one report in ten of a file, by its place there."""
    return number % 10 == 3


def is_short(asked: HumanQuestion) -> bool:
    """True if the product could give the answer in one piece."""
    return len(asked.spans[0]) <= _LONGEST_ANSWER


def human_examples(
    questions: Sequence[HumanQuestion], recipe: Recipe, rng: Random
) -> Iterator[Example]:
    """Each human question with windows of its article, for a part without the answering one."""
    for asked in questions:
        header = asked.title if recipe.headers and rng.random() < 0.6 else ""
        gold, others = _human_windows(asked, rng)
        rng.shuffle(others)
        silent = bool(others) and rng.random() < recipe.silent * 0.6
        n_others = max(recipe.most_passages - 1, int(silent))
        chosen = [("same article", text) for text in others[:n_others]]
        if not silent:
            chosen.append(("gold", gold))
        rng.shuffle(chosen)
        names = tuple(name for name, _ in chosen)
        at = names.index("gold") if not silent else -1
        spans = () if silent else (_within(asked, gold),)
        passages = tuple(Passage(header, text) for _, text in chosen)
        question = asked.question
        if rng.random() < _REWORDED_SHARE:
            question = reword(question, rng)
        yield Example(question, passages, at, spans, "human", names, asked.source)


def _human_windows(asked: HumanQuestion, rng: Random) -> tuple[str, list[str]]:
    """The window that answers and the others of the same article, neighbours overlapping."""
    context, span = asked.context, asked.spans[0]
    size = max(len(span) + 20, rng.choice((160, 220, 280, 340)))
    start = max(0, min(span.start - rng.randint(0, size - len(span)), len(context) - size))
    gold = context[start : max(start + size, span.end)]
    answer = span.of(context)
    rest = [context[:start], context[start + size :]]
    others = [part[i : i + size] for part in rest for i in range(0, len(part), size - 60)]
    return gold, [text for text in others if len(text) > 60 and answer not in text]


def _within(asked: HumanQuestion, window: str) -> tuple[int, int]:
    """Where the answer stands in the window that was cut around it."""
    span = asked.spans[0]
    begin = next(
        place
        for place in range(len(asked.context))
        if asked.context.startswith(window, place)
        and place <= span.start
        and span.end <= place + len(window)
    )
    return span.start - begin, span.end - begin


@dataclass(frozen=True, slots=True)
class Material:
    """What questions are made from, with all that is measured with left out.

    Attributes:
        windows: Stretches of text to train on.
        held_windows: Those of held-out reports.
        human: Human questions to train on.
        held_human: Those of held-out articles.
        left_out: How many of each were left out.
    """

    windows: list[Window]
    held_windows: list[Window]
    human: list[HumanQuestion]
    held_human: list[HumanQuestion]
    left_out: dict[str, int]


def load_material(data: Path, n_news: int, forbidden: Forbidden, rng: Random) -> Material:
    """Windows and human questions of the data folder, `n_news` articles of each news file."""
    text = data / "text"
    reports = [w for p in sorted(text.glob("*reports*.gz")) for w in report_windows(p, rng)]
    windows = [window for window in reports if not is_held_out_report(window.document)]
    for path in sorted(text.glob("news_*.gz")):
        windows.extend(news_windows(path, rng, n_news))
    fair = [window for window in windows if not forbidden.has_text(window.text)]
    human = list(human_questions(data / "qa_train"))
    unseen = [q for q in human if not forbidden.has(q.question, q.context)]
    return Material(
        fair,
        [window for window in reports if is_held_out_report(window.document)],
        [q for q in unseen if not is_held_out(q.title) and is_short(q)],
        [q for q in unseen if is_held_out(q.title)],
        {"windows": len(windows) - len(fair), "human questions": len(human) - len(unseen)},
    )


def main() -> None:
    """Write the sets, their manifest and samples of them."""
    given = _parse()
    recipe = Recipe(**{name: getattr(given, name) for name in Recipe.__slots__})
    given.out.mkdir(parents=True, exist_ok=True)
    rng = Random(given.seed)
    warm_up()
    forbidden = load_forbidden(given.seeds, given.data)
    material = load_material(given.data, given.news, forbidden, rng)
    made = made_examples(material.windows, given.made, recipe, given.seed, given.workers)
    train = [example for example in made if not forbidden.has_question(example.question)]
    material.left_out["made questions"] = len(made) - len(train)
    for _ in range(given.human_rounds):
        train.extend(human_examples(material.human, recipe, rng))
    held = made_examples(material.held_windows, given.held_out, recipe, given.seed, 1)
    held.extend(human_examples(material.held_human, recipe, rng))
    rng.shuffle(train)
    rng.shuffle(held)
    manifest = {
        "seed": given.seed,
        "recipe": asdict(recipe),
        "news": given.news,
        "made": given.made,
        "human": {"questions": len(material.human), "rounds": given.human_rounds},
        "left out as measured with": material.left_out,
        "train": write_examples(given.out / "train.jsonl.gz", train),
        "heldout": write_examples(given.out / "heldout.jsonl.gz", held),
    }
    (given.out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2))
    write_samples(given.out / "samples.md", train, Random(given.seed))
    print(json.dumps(manifest, ensure_ascii=False, indent=2))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with qa_train/ and text/")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=Path, default=Path("seeds"), help="never trained on")
    parser.add_argument("--made", type=int, default=300_000, help="made questions")
    parser.add_argument("--news", type=int, default=5000, help="articles of each news file")
    parser.add_argument("--human-rounds", type=int, default=3, help="windows of a human question")
    parser.add_argument("--held-out", type=int, default=900, help="made questions held out")
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--seed", type=int, default=1)
    for name, default in asdict(Recipe()).items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=default)
        else:
            parser.add_argument(flag, type=type(default), default=default)
    return parser.parse_args()


if __name__ == "__main__":
    main()
