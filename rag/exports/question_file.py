"""Feedback as questions that `rag eval` reads: what was confirmed is gold, the rest is listed.

What a person confirmed is the product's own answer, so such a file shows what later versions
lose of it; it does not show how right the product is.
"""

import hashlib
from collections.abc import Mapping, Sequence

from rag.evaluation.questions import UNANSWERABLE, UNJUDGED
from rag.history import AnswerRecord, Rating, Verdict
from rag.output import Record, as_json
from rag.queries import is_foreign
from rag.reader.kinds import asks_figure, asks_time, asks_yes_no

# Under these names a turn tells what its question was held to.
_FILTER = {"documents", "years"}


def feedback_as_questions(ratings: Sequence[Rating]) -> str:
    """A JSON line for each question that was rated, in the order of `ratings`.

    The right answers of a question are gold, with their reports and evidence; a refusal that was
    confirmed makes it unanswerable. Where nothing was confirmed, or what was said contradicts
    itself, no right answer is known and the question is `unjudged`. Answers that were called
    wrong stand in `wrong` with their reasons, never among the gold. Nor is what was answered from
    chosen reports or years only, since `rag eval` asks the whole shelf. A follow-up is written as
    it was understood, since it is asked alone.
    """
    by_question: dict[str, list[Rating]] = {}
    for rating in ratings:
        asked = rating.record["understood"] or rating.record["question"]
        by_question.setdefault(asked, []).append(rating)
    rows = (_row(question, rated) for question, rated in by_question.items())
    return "".join(as_json(row) + "\n" for row in rows)


def _row(question: str, ratings: Sequence[Rating]) -> Record:
    right = [
        r.record for r in ratings if r.verdict is Verdict.RIGHT and _FILTER.isdisjoint(r.versions)
    ]
    wrong = [r for r in ratings if r.verdict is Verdict.WRONG]
    kind = _type(question, right, {_said(r.record) for r in wrong})
    gold = [] if kind in (UNANSWERABLE, UNJUDGED) else right
    citations = [c for record in gold for c in record["citations"]]
    return {
        "id": "feedback-" + hashlib.sha256(question.encode()).hexdigest()[:12],
        "question": question,
        "lang": "en" if is_foreign(question) else "zh",
        "type": kind,
        "answers": _unique([record["answer"] for record in gold]),
        "doc": _unique([citation["document"] for citation in citations]),
        "evidence": _unique([citation["text"] for citation in citations]),
        "wrong": [_wrong(rating) for rating in wrong],
        "versions": [dict(rating.versions) for rating in ratings],
    }


def _type(question: str, right: Sequence[AnswerRecord], wrong: set[str]) -> str:
    """The type of the question, or why it has no gold answer."""
    refused = {bool(record["abstained"]) for record in right}
    if len(refused) != 1 or wrong & set(map(_said, right)):
        return UNJUDGED
    if refused == {True}:
        return UNANSWERABLE
    if any(record["sides"] for record in right):
        return "compare"
    if asks_yes_no(question):
        return "yesno"
    if asks_time(question):
        return "date"
    return "number" if asks_figure(question) else "other"


def _said(record: AnswerRecord) -> str:
    """What was answered; empty for a refusal, in whatever words."""
    return "" if record["abstained"] else str(record["answer"])


def _wrong(rating: Rating) -> Mapping[str, object]:
    record = rating.record
    return {
        "answer": record["answer"],
        "abstained": record["abstained"],
        "reason": rating.reason,
        "doc": _unique([citation["document"] for citation in record["citations"]]),
        "evidence": _unique([citation["text"] for citation in record["citations"]]),
    }


def _unique(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))
