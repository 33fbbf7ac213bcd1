"""The reader alone on a file of questions in the form of SQuAD, with no retrieval."""

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rag.errors import QuestionError
from rag.evaluation.baseline import best_sentence
from rag.evaluation.cmrc import cmrc_exact_match, cmrc_f1
from rag.evaluation.scores import Score, average, interval
from rag.queries import question_to_read
from rag.reader.base import Reader, ReaderInput, Reading

_BATCH = 16


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question on one context.

    Attributes:
        id: As in the file.
        question: As asked.
        context: The whole text that it is asked of.
        answers: Gold answers; empty if the context does not answer.
    """

    id: str
    question: str
    context: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReaderReport:
    """How well a reader did on the questions of a file.

    Attributes:
        n: Questions.
        measures: By name: `em`, `f1`, `baseline_em`, `baseline_f1`, `shown` (share not
            withheld), `em_shown` and `f1_shown` (of those), each in [0, 1].
        seconds: Median time of a question.
        answers: Each question's id with the answer given.
    """

    n: int
    measures: Mapping[str, Score]
    seconds: float
    answers: Mapping[str, str]


def load_squad(path: Path) -> list[SquadQuestion]:
    """Questions of a SQuAD file: its JSON, or rows `{"context", "qas"}`; either may be gzipped.

    Raises:
        QuestionError: The file cannot be read, has another form, or holds no question.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
        questions = [q for row in _paragraphs(text) for q in _questions(row)]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as exc:
        raise QuestionError(
            f"{path}: cannot be read as SQuAD ({type(exc).__name__}: {exc}); expected its JSON "
            'or a JSON row {"context", "qas"} a line'
        ) from exc
    if not questions:
        raise QuestionError(f"{path}: holds no question")
    return questions


def _paragraphs(text: str) -> Iterator[Mapping[str, object]]:
    try:
        whole = json.loads(text)
    except ValueError:
        yield from (json.loads(line) for line in text.splitlines() if line.strip())
        return
    if "data" not in whole:
        yield whole
        return
    for article in whole["data"]:
        yield from article["paragraphs"]


def _questions(row: Mapping[str, object]) -> Iterator[SquadQuestion]:
    context = row["context"]
    asked = row["qas"]
    if not isinstance(context, str) or not isinstance(asked, list):
        raise ValueError('"context" must be a text and "qas" a list')
    for one in asked:
        answers = tuple(dict.fromkeys(answer["text"] for answer in one.get("answers") or ()))
        yield SquadQuestion(str(one["id"]), one["question"], context, answers)


def evaluate_reader(
    reader: Reader, questions: Sequence[SquadQuestion], progress: Callable[[int], None]
) -> ReaderReport:
    """Let `reader` answer every question from its whole context.

    The best answer counts whatever the reader's confidence; where the context does not answer,
    withholding it counts 1.

    Args:
        reader: Reads contexts longer than its window in windows.
        questions: At least one.
        progress: Called with the number of questions answered so far.
    """
    readings: list[Reading] = []
    times: list[float] = []
    for begin in range(0, len(questions), _BATCH):
        batch = questions[begin : begin + _BATCH]
        started = time.perf_counter()
        readings += reader.read([_input(question) for question in batch])
        times += [(time.perf_counter() - started) / len(batch)] * len(batch)
        progress(len(readings))
    pairs = list(zip(questions, readings, strict=True))
    em = [_score(q, r, cmrc_exact_match) for q, r in pairs]
    f1 = [_score(q, r, cmrc_f1) for q, r in pairs]
    shown = [not reading.abstained for reading in readings]
    plain = [best_sentence(q.question, q.context) for q in questions]
    measures = {
        "em": average(em),
        "f1": average(f1),
        "baseline_em": average(
            cmrc_exact_match(text, q.answers) for q, text in zip(questions, plain, strict=True)
        ),
        "baseline_f1": average(
            cmrc_f1(text, q.answers) for q, text in zip(questions, plain, strict=True)
        ),
        "shown": average(map(float, shown)),
        "em_shown": average(v if s else None for v, s in zip(em, shown, strict=True)),
        "f1_shown": average(v if s else None for v, s in zip(f1, shown, strict=True)),
    }
    answers = {q.id: r.text for q, r in pairs}
    return ReaderReport(len(questions), measures, median(times), answers)


def _input(question: SquadQuestion) -> ReaderInput:
    asked = question_to_read(question.question, passages=(question.context,))
    return ReaderInput(asked, (question.context,), ("",))


def _score(
    question: SquadQuestion, reading: Reading, rule: Callable[[str, Sequence[str]], float]
) -> float:
    if not question.answers:
        return float(reading.abstained)
    return rule(reading.text, question.answers)


def reader_record(report: ReaderReport, model_id: str) -> dict[str, object]:
    """The report as a JSON record, each measure with its 95 % interval."""
    return {
        "reader": model_id,
        "n": report.n,
        "measures": {name: _measure(score) for name, score in report.measures.items()},
        "seconds": round(report.seconds, 4),
    }


def _measure(score: Score) -> dict[str, object]:
    spread = interval(score)
    return {
        "value": score.mean,
        "low": spread.low if spread else None,
        "high": spread.high if spread else None,
    }


def reader_text(report: ReaderReport, model_id: str) -> str:
    """The report for people."""
    lines = [f"{report.n} questions, reader {model_id}, median {report.seconds:.3f} s a question"]
    for name, score in report.measures.items():
        spread = interval(score)
        if score.mean is not None and spread is not None:
            lines.append(f"{name:<12} {score.mean:.3f}  ({spread.low:.3f}-{spread.high:.3f})")
    return "\n".join(lines)
