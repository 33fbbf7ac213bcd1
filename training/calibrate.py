"""Fit the reader's confidence on questions that it was not trained on.

`python -m training.calibrate SETS READER`: each held-out question gets the five windows that
BM25 finds for it among all held-out windows, the one with the answer put in where BM25 missed it;
for a quarter of the questions the windows that hold the answer are taken away, so that silence
is right. Writes `calibration.json` into READER and prints ECE and AUROC by cross-validation
(Guo et al., 2017, "On Calibration of Modern Neural Networks", section 2, for the ECE).
"""

import argparse
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from rag.evaluation.answer_metrics import is_correct
from rag.evaluation.questions import UNANSWERABLE, Question
from rag.evaluation.scores import wilson
from rag.reader import ReaderInput
from rag.reader.abstention import Calibration
from rag.reader.copying import CopyReader, Proposal, best_proposal
from training.negatives import bigrams

_N_PASSAGES = 5
_UNANSWERABLE_SHARE = 0.25
_LOOSE_KINDS = ("list", "how", "means", "why", "effect", "slogan")
_N_BINS = 10


def held_out_inputs(path: Path, rng: Random) -> list[tuple[Question, ReaderInput]]:
    """Held-out questions, each with the windows that a plain search finds for it."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    pool = sorted({(row["header"], row["passage"]) for row in rows})
    index = bm25s.BM25()
    index.index([bigrams(header + passage) for header, passage in pool], show_progress=False)
    asked = [row for row in rows if row["spans"]]
    rng.shuffle(asked)
    queries = [bigrams(row["question"]) for row in asked]
    found, _ = index.retrieve(queries, k=20, show_progress=False)
    return [
        _input(row, [pool[i] for i in order], rng) for row, order in zip(asked, found, strict=True)
    ]


def _input(
    row: dict[str, Any], windows: Sequence[tuple[str, str]], rng: Random
) -> tuple[Question, ReaderInput]:
    start, end = row["spans"][0]
    answer = row["passage"][start:end]
    gold = (row["header"], row["passage"])
    others = [window for window in windows if answer not in window[1]]
    answers: tuple[str, ...] = ()
    if rng.random() < _UNANSWERABLE_SHARE:
        kind, chosen = UNANSWERABLE, others[:_N_PASSAGES]
    else:
        kind = "list" if row["kind"] in _LOOSE_KINDS else "number"
        answers = (answer,)
        rank = windows.index(gold) if gold in windows[:_N_PASSAGES] else rng.randrange(_N_PASSAGES)
        chosen = [*others[:rank], gold, *others[rank:]][:_N_PASSAGES]
    headers, passages = zip(*chosen, strict=True)
    question = Question("", row["question"], "zh", kind, answers)
    return question, ReaderInput(row["question"], passages, headers)


def fit(
    questions: Sequence[Question],
    proposals: Sequence[Sequence[Proposal]],
    wrong_cost: float,
    rank_penalty: float,
) -> tuple[Calibration, NDArray[np.float64], NDArray[np.bool_]]:
    """The calibration, its cross-validated confidences and whether each answer was right.

    Args:
        questions: With their gold answers.
        proposals: What the reader offers for each.
        wrong_cost: What showing a wrong answer costs, a right one being worth 1.
        rank_penalty: As in `Calibration`.
    """
    features, right = _judge(questions, proposals, rank_penalty)
    model = LogisticRegression(C=1.0, max_iter=1000)
    confidences = cross_val_predict(model, features, right, cv=10, method="predict_proba")[:, 1]
    model.fit(features, right)
    answerable = np.array(
        [q.is_answerable for q, offered in zip(questions, proposals, strict=True) if offered]
    )
    threshold = choose_threshold(confidences, right, answerable, wrong_cost)
    weights = tuple(float(w) for w in model.coef_[0])
    bias = float(model.intercept_[0])
    return Calibration(weights, bias, threshold, rank_penalty), confidences, right


def _judge(
    questions: Sequence[Question], proposals: Sequence[Sequence[Proposal]], penalty: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    features, right = [], []
    for question, offered in zip(questions, proposals, strict=True):
        best = best_proposal(offered, penalty)
        if best is not None:
            features.append(best[1].features())
            right.append(is_correct(question, best[0].text, abstained=False))
    return np.array(features), np.array(right)


def choose_threshold(
    confidences: NDArray[np.float64],
    right: NDArray[np.bool_],
    answerable: NDArray[np.bool_],
    wrong_cost: float,
) -> float:
    """The bar that is worth most: a right answer or a right silence 1, a wrong answer -cost."""

    def worth(bar: float) -> float:
        shown = confidences >= bar
        return float(np.where(shown, np.where(right, 1.0, -wrong_cost), ~answerable).sum())

    return max((percent / 100 for percent in range(100)), key=worth)


def expected_calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance of confidence and share right over ten equal bins, weighted by their size."""
    bins = np.minimum((confidences * _N_BINS).astype(int), _N_BINS - 1)
    errors = [
        abs(confidences[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(_N_BINS)
        if (bins == b).any()
    ]
    return float(sum(errors))


def main() -> None:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, help="what training.prepare_reader_data wrote")
    parser.add_argument("reader", type=Path, help="folder of the packed reader")
    parser.add_argument("--wrong-cost", type=float, default=0.25)
    parser.add_argument("--rank-penalty", type=float, default=1.2)
    parser.add_argument("--limit", type=int, default=500, help="questions at most")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    inputs = held_out_inputs(given.sets / "heldout.jsonl.gz", Random(given.seed))
    inputs = inputs[: given.limit]
    questions = [question for question, _ in inputs]
    proposals = CopyReader.load(given.reader).propose([asked for _, asked in inputs])
    calibration, confidences, right = fit(
        questions, proposals, given.wrong_cost, given.rank_penalty
    )
    calibration.save(given.reader / "calibration.json")
    shown = confidences >= calibration.threshold
    spread = wilson(int(right[shown].sum()), int(shown.sum()))
    print(f"n {len(right)}, of them answerable {sum(q.is_answerable for q in questions)}")
    print(f"best answer right {right.mean():.3f}; AUROC {roc_auc_score(right, confidences):.3f}; "
          f"ECE {expected_calibration_error(confidences, right):.3f} (10-fold)")  # fmt: skip
    print(f"threshold {calibration.threshold:.3f}: shown {shown.mean():.3f}, of them right "
          f"{right[shown].mean():.3f} (95 % {spread.low:.3f}-{spread.high:.3f})")  # fmt: skip
    print(f"calibration {calibration}")


if __name__ == "__main__":
    main()
