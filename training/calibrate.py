"""Fit the reader's confidence on questions that it was not trained on.

`python -m training.calibrate SETS READER`: each held-out question gets the five windows that
BM25 finds for it among all held-out windows, the one with the answer put in where BM25 missed it;
for a quarter of the questions the windows that hold the answer are taken away, so that silence
is right. With `--shelf INDEX --questions FILE` the questions of a file are added, with what the
pipeline finds for them on a shelf. Writes `calibration.json` into READER, prints ECE and AUROC by
cross-validation (Guo et al., 2017, "On Calibration of Modern Neural Networks", section 2, for the
ECE), and draws the reliability plot.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from rag.closed import closed_to
from rag.dates import parse_years
from rag.evaluation.answer_metrics import is_correct
from rag.evaluation.questions import UNANSWERABLE, Question
from rag.evaluation.scores import wilson
from rag.reader import ReaderInput
from rag.reader.abstention import Calibration
from rag.reader.copying import CopyReader
from rag.reader.proposals import Proposal, best_proposal
from rag.types import Document
from rag.year_words import year_words
from training.examples import Example, Passage, read_examples
from training.negatives import BigramIndex
from training.shelf_inputs import shelf_inputs

_N_PASSAGES = 5
_N_CANDIDATES = 25
_UNANSWERABLE_SHARE = 0.25
_LOOSE_KINDS = ("list", "items", "how", "means", "why", "effect", "slogan")
_N_BINS = 10
_LEAST_SHOWN = 30


def held_out_inputs(path: Path, n: int, rng: Random) -> list[tuple[Question, ReaderInput]]:
    """`n` held-out questions, half of them human, each with the windows a plain search finds."""
    examples = list(read_examples(path))
    pool = sorted({(p.header, p.text) for example in examples for p in example.passages})
    index = BigramIndex([header + text for header, text in pool])
    answerable = [example for example in examples if example.gold >= 0]
    rng.shuffle(answerable)
    human = [example for example in answerable if example.kind == "human"][: n // 2]
    made = [example for example in answerable if example.kind != "human"][: n - len(human)]
    asked = [*human, *made]
    return [
        _input(
            example,
            [Passage(*pool[i]) for i in index.nearest(example.question, _N_CANDIDATES)],
            rng,
        )
        for example in asked
    ]


def _input(
    example: Example, windows: Sequence[Passage], rng: Random
) -> tuple[Question, ReaderInput]:
    gold = example.passages[example.gold]
    parts = [gold.text[start:end] for start, end in example.spans]
    others = [window for window in windows if not all(part in window.text for part in parts)]
    answers: tuple[str, ...] = ()
    if rng.random() < _UNANSWERABLE_SHARE:
        kind, chosen = UNANSWERABLE, others[:_N_PASSAGES]
    else:
        kind = "list" if example.kind in _LOOSE_KINDS else "number"
        answers = (example.answer,)
        near = windows[:_N_PASSAGES]
        rank = near.index(gold) if gold in near else rng.randrange(_N_PASSAGES)
        chosen = [*others[:rank], gold, *others[rank:]][:_N_PASSAGES]
    question = Question("", example.question, "zh", kind, answers)
    texts, headers = tuple(p.text for p in chosen), tuple(p.header for p in chosen)
    asked = example.question
    closed = tuple(closed_to(asked, asked, p.text, _document(p), p.header) for p in chosen)
    reworded = tuple(year_words(asked, p.text, _document(p)) for p in chosen)
    return question, ReaderInput(asked, texts, headers, closed, reworded)


def _document(window: Passage) -> Document:
    """What is known of a window's report: the years in its header."""
    return Document("", "", window.text, "", years=parse_years(window.header))


def judge(
    questions: Sequence[Question], proposals: Sequence[Sequence[Proposal]], penalty: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Features of each best answer `(n, features)` and whether it is right `(n,)`."""
    features, right = [], []
    for question, offered in zip(questions, proposals, strict=True):
        best = best_proposal(offered, penalty)
        if best is not None:
            proposal, evidence = best
            features.append(evidence.features())
            right.append(is_correct(question, proposal.answer, abstained=False))
    return np.array(features), np.array(right)


def fit(
    features: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    most_wrong: float,
    penalty: float,
) -> tuple[Calibration, NDArray[np.float64]]:
    """The calibration and its ten-fold cross-validated confidences.

    Args:
        features: `(n, features)`.
        right: `(n,)`.
        weights: `(n,)`, how much each question counts.
        most_wrong: Share of the answers shown that may be wrong; decides on the threshold.
        penalty: As in `Calibration`.
    """
    model = LogisticRegression(C=1.0, max_iter=1000)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    confidences = cross_val_predict(
        model, features, right, cv=folds, method="predict_proba", params={"sample_weight": weights}
    )[:, 1]
    model.fit(features, right, weights)
    threshold = choose_threshold(confidences, right, weights, most_wrong)
    fitted = tuple(float(w) for w in model.coef_[0])
    return Calibration(fitted, float(model.intercept_[0]), threshold, penalty), confidences


def choose_threshold(
    confidences: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
    most_wrong: float,
) -> float:
    """The lowest bar, in hundredths, over which at most `most_wrong` of the answers are wrong."""
    for percent in range(100):
        shown = confidences >= percent / 100
        if shown.sum() < _LEAST_SHOWN:
            break
        if np.average(~right[shown], weights=weights[shown]) <= most_wrong:
            return percent / 100
    raise SystemExit(f"no threshold leaves at most {most_wrong:.0%} wrong among {_LEAST_SHOWN}")


def expected_calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance of confidence and share right over ten equal bins, weighted by their size."""
    bins = np.minimum((confidences * _N_BINS).astype(int), _N_BINS - 1)
    errors = [
        abs(confidences[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(_N_BINS)
        if (bins == b).any()
    ]
    return float(sum(errors))


def plot_reliability(
    confidences: NDArray[np.float64], right: NDArray[np.bool_], path: Path
) -> None:
    """Share right over mean confidence in ten bins, with 95 % intervals (Wilson)."""
    bins = np.minimum((confidences * _N_BINS).astype(int), _N_BINS - 1)
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    for b in sorted(set(bins)):
        inside = bins == b
        n, share = int(inside.sum()), float(right[inside].mean())
        spread = wilson(int(right[inside].sum()), n)
        errors = [[share - spread.low], [spread.high - share]]
        axes.errorbar(confidences[inside].mean(), share, errors, fmt="o", color="tab:blue")
        axes.annotate(str(n), (confidences[inside].mean(), share), (4, -10),
                      textcoords="offset points", fontsize=8)  # fmt: skip
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    figure.savefig(path, dpi=150)


def main() -> None:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, help="what training.prepare_reader_data wrote")
    parser.add_argument("reader", type=Path, help="folder of the packed reader")
    parser.add_argument("--most-wrong", type=float, default=0.05, help="share of answers shown")
    parser.add_argument("--rank-penalty", type=float, default=0.5)
    parser.add_argument("--limit", type=int, default=1000, help="questions at most")
    parser.add_argument("--plot", type=Path, help="file for the reliability plot")
    parser.add_argument("--shelf", type=Path, help="index folder; with --questions")
    parser.add_argument("--questions", type=Path, help="asked of the shelf, fitted on as well")
    parser.add_argument("--shelf-weight", type=float, default=4.0, help="of a question of these")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if (given.shelf is None) != (given.questions is None):
        parser.error("--shelf and --questions go together")
    inputs = held_out_inputs(given.sets / "heldout.jsonl.gz", given.limit, Random(given.seed))
    n_held_out = len(inputs)
    if given.shelf is not None:
        inputs += shelf_inputs(given.shelf, given.questions)
    questions = [question for question, _ in inputs]
    proposals = CopyReader.load(given.reader).propose([asked for _, asked in inputs])
    features, right = judge(questions, proposals, given.rank_penalty)
    is_of_shelf = np.array([i >= n_held_out for i, offered in enumerate(proposals) if offered])
    weights = np.where(is_of_shelf, given.shelf_weight, 1.0)
    calibration, confidences = fit(features, right, weights, given.most_wrong, given.rank_penalty)
    calibration.save(given.reader / "calibration.json")
    _rehash(given.reader)
    if given.plot is not None:
        plot_reliability(confidences, right, given.plot)
    print(f"threshold {calibration.threshold:.2f}")
    for name, part in (("held out", ~is_of_shelf), ("shelf", is_of_shelf)):
        if part.any():
            _report(name, confidences[part], right[part], calibration.threshold)
    print(f"calibration {calibration}")


def _report(
    name: str, confidences: NDArray[np.float64], right: NDArray[np.bool_], threshold: float
) -> None:
    shown = confidences >= threshold
    spread = wilson(int(right[shown].sum()), int(shown.sum()))
    print(f"{name}: n {len(right)}, best answer right {right.mean():.3f}; "
          f"AUROC {roc_auc_score(right, confidences):.3f}; "
          f"ECE {expected_calibration_error(confidences, right):.3f} (10-fold); "
          f"shown {shown.mean():.3f}, of them right {right[shown].mean():.3f} "
          f"(95 % {spread.low:.3f}-{spread.high:.3f})")  # fmt: skip


def _rehash(folder: Path) -> None:
    """Note the new calibration among the hashes that are checked when the reader is loaded."""
    path = folder / "hashes.json"
    hashes = json.loads(path.read_text("utf-8"))
    written = (folder / "calibration.json").read_bytes()
    hashes["calibration.json"] = hashlib.sha256(written).hexdigest()
    path.write_text(json.dumps(hashes, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
