"""A shelf of reports that all say the same things, with questions whose answers are known.

`python -m benchmarks.provincial_shelf DATA OUT`, DATA as in `training/README.md`: writes the 31
provincial work reports of one year as text files into OUT/reports, and into OUT/questions.jsonl
questions made in place from the figures of ten sentences of each, naming the province. Then

    rag index OUT/reports --index OUT/index
    rag eval --questions OUT/questions.jsonl --index OUT/index
    python -m benchmarks.retrieval_ablation --questions OUT/questions.jsonl OUT/reports

The questions are of one make with those that the reader is trained on, and so are 28 of the 31
reports: right for finding the province and the passage, kind to the reader.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from rag.cleaning import clean
from rag.metadata import Given, describe
from training.corpus import read_rows
from training.questions import make_question, warm_up
from training.spans import find_items

_SENTENCE = re.compile(r"[^。；！？\n]{12,160}[。；]")
_KINDS = ("number", "money", "percent", "double")
_REPORTS = "text/provincial_work_reports_2026.jsonl.gz"


def main() -> None:
    """Write the reports and the questions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with text/")
    parser.add_argument("out", type=Path)
    parser.add_argument("--each", type=int, default=10, help="questions of a report")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = given.out / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    warm_up()
    rows = []
    for number, report in enumerate(read_rows(given.data / _REPORTS)):
        name = f"{number:02d}_{report['title'].split()[0]}"
        (folder / f"{name}.txt").write_text(report["text"], "utf-8")
        questions = _questions(name, report["text"], Random(f"{given.seed}/{number}"))
        rows += [{"id": f"p{number:02d}-{i}", **next(questions)} for i in range(given.each)]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (given.out / "questions.jsonl").write_text("".join(lines), "utf-8")
    print(f"{len(rows)} questions in {given.out / 'questions.jsonl'}")


def _questions(name: str, text: str, rng: Random) -> Iterator[dict[str, object]]:
    """Questions on sentences of a report, as rows of a question file, none twice."""
    document = describe(name, "", clean(text), Given())
    sentences = [match.group() for match in _SENTENCE.finditer(document.text)]
    rng.shuffle(sentences)
    for sentence in sentences:
        items = [item for item in find_items(sentence) if item.kind in _KINDS]
        if not items or document.text.count(sentence) > 1:
            continue
        item = rng.choice(items)
        question = make_question(sentence, item, document.place, None, rng)
        if question is not None and document.place and document.place in question:
            yield {
                "question": question,
                "lang": "zh",
                "type": "number",
                "answers": [item.span.of(sentence)],
                "doc": name,
                "evidence": [sentence],
            }


if __name__ == "__main__":
    main()
