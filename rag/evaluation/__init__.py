"""How well the product answers: questions with gold answers, metrics, and reports of a run."""

from rag.evaluation.harness import EvaluationReport, evaluate
from rag.evaluation.outcome import Outcome, Pipeline
from rag.evaluation.questions import Question, load_questions
from rag.evaluation.report import report_as_json, report_as_text
from rag.evaluation.summary import Group, Measure

__all__ = [
    "EvaluationReport",
    "Group",
    "Measure",
    "Outcome",
    "Pipeline",
    "Question",
    "evaluate",
    "load_questions",
    "report_as_json",
    "report_as_text",
]
