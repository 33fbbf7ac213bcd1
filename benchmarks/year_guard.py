"""How often the year guard closes the right answer of a human question that names a year.

`python -m benchmarks.year_guard DATA`, DATA as in `training/README.md`: the contexts are read as
undated documents, and all closed answers are printed, since a question may itself name a wrong
year. Then prints JSON.
"""

import argparse
from pathlib import Path

from benchmarks.record import Run, add_out
from rag.evaluation.scores import wilson
from rag.periods import asked_years, other_times
from rag.reader.kinds import asks_figure
from rag.types import Document
from training.corpus import human_questions


def main() -> None:
    """Count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with qa_train/")
    add_out(parser)
    given = parser.parse_args()
    run = Run.begin()
    n = closed = 0
    for asked in human_questions(given.data / "qa_train"):
        if not asked_years(asked.question) or not asks_figure(asked.question):
            continue
        n += 1
        document = Document("", "", asked.context, "")
        stretches = other_times(asked.question, asked.context, document)
        if any(stretch.overlaps(span) for stretch in stretches for span in asked.spans):
            closed += 1
            start = max(0, asked.spans[0].start - 60)
            around = " ".join(asked.context[start : asked.spans[0].end].split())
            print(f"{asked.question}\n    {around}")
    spread = wilson(closed, n)
    print(f"closed {closed} of {n}: {closed / n:.3f} (95 % {spread.low:.3f}-{spread.high:.3f})")
    run.tell({"n": n, "closed": closed}, given.out)


if __name__ == "__main__":
    main()
