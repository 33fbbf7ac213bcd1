"""What the number gate catches, and how often it stops a right answer.

`python -m benchmarks.number_gate DATA`, DATA as in `training/README.md`. False alarms: human
answers with a figure, checked against their own sentences. Catches: 500 of these answers with
one digit changed, the unit changed, or the magnitude changed, checked against the same sentences.
Then the same with citations, as `RagPipeline.verify` checks whole answers, and 500 whose citation
is moved to the report of another place. Prints each share, then JSON.
"""

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks.record import Run, add_out
from rag.citations import cite_answer, verify
from rag.evaluation.scores import wilson
from rag.figures import cuts_a_figure, find_figures, unsupported
from rag.metadata import Given, describe
from rag.sentences import split_sentences
from rag.types import Answer, Chunk, Document, Span
from training.corpus import HumanQuestion, human_questions

_N_CORRUPTED = 500
_UNITS = "人户元亩个吨年"


def main() -> None:
    """Count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with qa_train/")
    parser.add_argument("--seed", type=int, default=1)
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    rng = Random(given.seed)
    asked = [
        (question, _evidence(question))
        for question in human_questions(given.data / "qa_train")
        if find_figures(_answer(question))
    ]
    stopped = [q for q, evidence in asked if _is_stopped(q, evidence)]
    for question in stopped[:10]:
        print(f"{_answer(question)}    {' '.join(_evidence(question).split())}")
    counts = {"right answers stopped": _told("right answers stopped", len(stopped), len(asked))}
    for name, change in (("digit", _other_digit), ("unit", _other_unit), ("size", _other_size)):
        changed = [
            (other, evidence)
            for q, evidence in rng.sample(asked, len(asked))
            if (other := change(_answer(q), rng)) is not None
        ][:_N_CORRUPTED]
        caught = sum(bool(unsupported(answer, evidence)) for answer, evidence in changed)
        told = f"changed {name} caught"
        counts[told] = _told(told, caught, len(changed))
    counts |= _verified([question for question, _ in asked], rng)
    run.tell({"counts": counts}, given.out)


def _verified(questions: Sequence[HumanQuestion], rng: Random) -> dict[str, tuple[int, int]]:
    """How many cited answers are withdrawn, and of how many: right ones and changed ones."""
    contexts = dict.fromkeys(question.context for question in questions)
    reports = {text: describe(str(i), "", text, Given()) for i, text in enumerate(contexts)}
    shelf = {report.document_id: report for report in reports.values()}
    right = [_cited(question, reports[question.context]) for question in questions]
    n_withdrawn = sum(verify(answer, shelf).abstained for answer in right)
    told = "right answers with citations withdrawn"
    counts = {told: _told(told, n_withdrawn, len(right))}
    changed = {
        "digit": [_reworded(answer, _other_digit(answer.short, rng)) for answer in right],
        "unit": [_reworded(answer, _other_unit(answer.short, rng)) for answer in right],
        "place": [_moved(answer, rng.choice(list(shelf))) for answer in right],
    }
    for name, answers in changed.items():
        others = [answer for answer in answers if answer is not None]
        chosen = rng.sample(others, _N_CORRUPTED)
        caught = sum(verify(answer, shelf).abstained for answer in chosen)
        told = f"changed {name} in answers with citations withdrawn"
        counts[told] = _told(told, caught, len(chosen))
    return counts


def _cited(question: HumanQuestion, report: Document) -> Answer:
    """The right answer as the product shows it."""
    whole = Span(0, len(report.text))
    start = report.text.index(_evidence(question))
    evidence_start = question.context.index(_evidence(question))
    span = question.spans[0].shift(start - evidence_start)
    chunk = Chunk("0", report.document_id, whole, report.text, "")
    citations = cite_answer(chunk, [span], report)
    short = _answer(question)
    return Answer(question.question, short, short, citations, 0.9, False, (), 0.0)


def _reworded(answer: Answer, short: str | None) -> Answer | None:
    return None if short is None else replace(answer, short=short, text=short)


def _moved(answer: Answer, document_id: str) -> Answer | None:
    """The answer cited from another report, at the same characters."""
    if document_id == answer.citations[0].document_id:
        return None
    citations = tuple(replace(c, document_id=document_id) for c in answer.citations)
    return replace(answer, citations=citations)


def _answer(question: HumanQuestion) -> str:
    return question.spans[0].of(question.context)


def _evidence(question: HumanQuestion) -> str:
    span = question.spans[0]
    touched = [s for s in split_sentences(question.context) if s.overlaps(span)]
    return question.context[touched[0].start : max(touched[-1].end, span.end)]


def _is_stopped(question: HumanQuestion, evidence: str) -> bool:
    cut = cuts_a_figure(find_figures(question.context), question.spans[0])
    return cut or bool(unsupported(_answer(question), evidence))


def _other_digit(answer: str, rng: Random) -> str | None:
    places = [match.start() for match in re.finditer("[0-9]", answer)]
    if not places:
        return None
    place = rng.choice(places)
    digit = rng.choice([d for d in "123456789" if d != answer[place]])
    return answer[:place] + digit + answer[place + 1 :]


def _other_unit(answer: str, rng: Random) -> str | None:
    match = re.search(rf"(?<=[0-9])[{_UNITS}]", answer)
    if match is None:
        return None
    unit = rng.choice([u for u in _UNITS if u != match.group()])
    return answer[: match.start()] + unit + answer[match.end() :]


def _other_size(answer: str, rng: Random) -> str | None:
    match = re.search("(?<=[0-9])[万亿]?", answer)
    if match is None:
        return None
    size = rng.choice([s for s in ("万", "亿", "") if s != match.group()])
    return answer[: match.start()] + size + answer[match.end() :]


def _told(name: str, k: int, n: int) -> tuple[int, int]:
    """The same counts, printed."""
    spread = wilson(k, n)
    print(f"{name}: {k} of {n}, {k / n:.4f} (95 % {spread.low:.4f}-{spread.high:.4f})")
    return k, n


if __name__ == "__main__":
    main()
