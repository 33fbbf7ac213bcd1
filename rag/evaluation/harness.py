"""Put questions to a pipeline and report how it did."""

from collections.abc import Sequence
from dataclasses import dataclass

from tqdm import tqdm

from rag.evaluation.evidence import EvidenceLocator
from rag.evaluation.outcome import Outcome, Pipeline, examine
from rag.evaluation.provenance import Run, describe_run, peak_memory_bytes
from rag.evaluation.questions import Question
from rag.evaluation.summary import Group, Measure, group, summarise


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """How a pipeline did on a set of questions, and what it was.

    Attributes:
        run: Settings, models, code and data.
        measures: Over all questions.
        groups: By type, report and language.
        outcomes: One for each question, in order.
    """

    run: Run
    measures: tuple[Measure, ...]
    groups: tuple[Group, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def misses(self) -> tuple[Outcome, ...]:
        """The questions that it did not get right, in order."""
        return tuple(outcome for outcome in self.outcomes if not outcome.correct)

    def __getitem__(self, name: str) -> Measure:
        """The measure called `name`.

        Raises:
            KeyError: There is no such measure.
        """
        found = {measure.name: measure for measure in self.measures}
        return found[name]


def evaluate(
    pipeline: Pipeline, questions: Sequence[Question], *, show_progress: bool = False
) -> EvaluationReport:
    """Ask each question alone, in order, and score retrieval, answers, citations and refusals."""
    run = describe_run(pipeline.config, pipeline.model_ids, pipeline.documents, questions)
    locator = EvidenceLocator(pipeline.documents)
    outcomes = tuple(
        examine(pipeline, question, locator)
        for question in tqdm(questions, desc="asking", disable=not show_progress)
    )
    return EvaluationReport(
        run, summarise(outcomes, peak_memory_bytes()), group(outcomes), outcomes
    )
