"""The sentences that the product itself says, in the language of the question."""

from collections.abc import Sequence

from rag.retrieval import is_foreign
from rag.types import Citation

_NO_ANSWER = "报告中没有找到这个问题的答案。"
_NO_ANSWER_ENGLISH = "The reports do not contain the answer to this question."


def no_answer(question: str) -> str:
    """Says that the reports do not contain the answer: Chinese to Chinese, else English."""
    return _NO_ANSWER_ENGLISH if is_foreign(question) else _NO_ANSWER


def with_marks(short: str, citations: Sequence[Citation]) -> str:
    """The answer followed by the marks of its citations: `300户 [1]`."""
    return f"{short} {''.join(f'[{citation.mark}]' for citation in citations)}"
