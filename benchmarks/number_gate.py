"""What the number gate catches, and how often it stops a right answer.

`python -m benchmarks.number_gate DATA`, DATA as in `training/README.md`. False alarms: human
answers with a figure, checked against their own sentences. Catches: 500 of these answers with
one digit changed, the unit changed, or the magnitude changed, checked against the same sentences.
"""

import argparse
import re
from pathlib import Path
from random import Random

from rag.evaluation.scores import wilson
from rag.figures import cuts_a_figure, find_figures, unsupported
from rag.sentences import split_sentences
from training.corpus import HumanQuestion, human_questions

_N_CORRUPTED = 500
_UNITS = "人户元亩个吨年"


def main() -> None:
    """Count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with qa_train/")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = Random(given.seed)
    asked = [
        (question, _evidence(question))
        for question in human_questions(given.data / "qa_train")
        if find_figures(_answer(question))
    ]
    stopped = [q for q, evidence in asked if _is_stopped(q, evidence)]
    for question in stopped[:10]:
        print(f"{_answer(question)}    {' '.join(_evidence(question).split())}")
    print(f"right answers stopped: {_share(len(stopped), len(asked))}")
    for name, change in (("digit", _other_digit), ("unit", _other_unit), ("size", _other_size)):
        changed = [
            (other, evidence)
            for q, evidence in rng.sample(asked, len(asked))
            if (other := change(_answer(q), rng)) is not None
        ][:_N_CORRUPTED]
        caught = sum(bool(unsupported(answer, evidence)) for answer, evidence in changed)
        print(f"changed {name} caught: {_share(caught, len(changed))}")


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


def _share(k: int, n: int) -> str:
    spread = wilson(k, n)
    return f"{k} of {n}, {k / n:.4f} (95 % {spread.low:.4f}-{spread.high:.4f})"


if __name__ == "__main__":
    main()
