"""A shelf of reports that the reader was not trained on, for the questions written on them.

`python -m benchmarks.held_out_shelf DATA OUT`, DATA as in `training/README.md`: writes the three
provincial work reports and the three latest national ones that `training/` holds out, as text
files, into OUT. The questions in `benchmarks/held_out_questions.jsonl` were written for them in
the kinds of `seeds/questions.jsonl`, without a look at those. Then

    rag index OUT --index INDEX
    rag eval --questions benchmarks/held_out_questions.jsonl --index INDEX
"""

import argparse
from itertools import islice
from pathlib import Path

from training.corpus import read_rows
from training.prepare_reader_data import is_held_out_report

_N_OF_EACH = 3
_REPORTS = ("provincial_work_reports_2026", "national_work_reports")
_TITLE_ENDS = "政府工作报告"


def main() -> None:
    """Write the reports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with text/")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for name in _REPORTS:
        rows = enumerate(read_rows(given.data / "text" / f"{name}.jsonl.gz"))
        held_out = (
            row
            for number, row in rows
            if is_held_out_report(number) and row["title"].endswith(_TITLE_ENDS)
        )
        for row in islice(held_out, _N_OF_EACH):
            title = row["title"].split()[-1]
            (given.out / f"{title}.txt").write_text(row["text"], "utf-8")
            print(title)


if __name__ == "__main__":
    main()
