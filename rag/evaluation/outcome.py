"""One question put to the pipeline, and all that can be said of how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.config import RagConfig
from rag.evaluation.answer_metrics import character_f1, exact_match, is_correct, number_exactness
from rag.evaluation.baseline import baseline_answer
from rag.evaluation.citation_metrics import (
    citation_precision,
    citation_recall,
    count_inexact,
    right_report,
)
from rag.evaluation.evidence import EvidenceLocator
from rag.evaluation.questions import Question
from rag.evaluation.retrieval_metrics import gold_rank
from rag.types import Answer, Document, Passage

SEARCH_DEPTH = 10
"""How many passages are looked at for the gold one."""


class Pipeline(Protocol):
    """What evaluation needs of a pipeline; `rag.pipeline.RagPipeline` is one."""

    @property
    def config(self) -> RagConfig:
        """The settings in force."""
        ...

    @property
    def model_ids(self) -> Mapping[str, str]:
        """Ids of the models by role: `encoder`, `reader`."""
        ...

    @property
    def documents(self) -> Mapping[str, Document]:
        """The indexed reports by id."""
        ...

    def ask(self, question: str, /) -> Answer:
        """An answer, or an abstention."""
        ...

    def search(self, query: str, /, *, top_k: int) -> Sequence[Passage]:
        """The best `top_k` passages, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went; a score is None where the question does not count for it.

    Attributes:
        question: With its gold answers.
        answer: The answer shown, without marks; empty when abstained.
        abstained: True if nothing was answered.
        confidence: As the pipeline gave it, in [0, 1].
        correct: By the rule of `is_correct`.
        exact_match: 0 or 1.
        f1: Character F1, in [0, 1].
        number_exact: 0 or 1.
        gold_rank: Place of the gold passage from 1; None if it is not among the first ten.
        has_evidence: True if the question says what its evidence is.
        citation_precision: In [0, 1].
        citation_recall: In [0, 1].
        right_report: In [0, 1].
        n_citations: Citations shown.
        n_inexact_citations: Citations whose text is not what the report says there.
        seconds: From question to answer.
        baseline_correct: True if the plain baseline was right.
    """

    question: Question
    answer: str
    abstained: bool
    confidence: float
    correct: bool
    exact_match: float | None
    f1: float | None
    number_exact: float | None
    gold_rank: int | None
    has_evidence: bool
    citation_precision: float | None
    citation_recall: float | None
    right_report: float | None
    n_citations: int
    n_inexact_citations: int
    seconds: float
    baseline_correct: bool


def examine(pipeline: Pipeline, question: Question, locator: EvidenceLocator) -> Outcome:
    """Ask `question`, search for it, and score both."""
    answer = pipeline.ask(question.question)
    passages = pipeline.search(question.question, top_k=SEARCH_DEPTH)
    evidence = locator.locate(question)
    shown = "" if answer.abstained else answer.short
    golds, counts = question.answers, question.is_answerable
    baseline = baseline_answer(question.question, passages)
    return Outcome(
        question=question,
        answer=shown,
        abstained=answer.abstained,
        confidence=answer.confidence,
        correct=is_correct(question, shown, abstained=answer.abstained),
        exact_match=exact_match(shown, golds) if counts else None,
        f1=character_f1(shown, golds) if counts else None,
        number_exact=number_exactness(shown, golds),
        gold_rank=gold_rank(passages, evidence),
        has_evidence=bool(evidence),
        citation_precision=citation_precision(answer.citations, evidence),
        citation_recall=citation_recall(answer.citations, evidence),
        right_report=right_report(answer.citations, question.documents),
        n_citations=len(answer.citations),
        n_inexact_citations=count_inexact(answer.citations, pipeline.documents),
        seconds=answer.seconds,
        baseline_correct=is_correct(question, baseline, abstained=False),
    )
