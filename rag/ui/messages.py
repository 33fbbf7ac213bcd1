"""The chat messages as HTML: question, status, answer with its citation marks."""

import re
from collections.abc import Collection, Mapping

from rag.explanation import Explanation
from rag.types import Answer, Document, Stage
from rag.ui.answer_actions import answer_actions, changed_mark, changed_marks
from rag.ui.chart import chart
from rag.ui.conversation import Turn, Turns
from rag.ui.evidence import below_answer, sources_words
from rag.ui.markup import clip, element, escape
from rag.ui.words import both

_MARK = re.compile(r"\[(\d{1,3})\]")
_MAX_QUESTION_CHARS = 400
_STAGES = {
    "searching": both("检索中…", "Searching…"),
    "reading": both("正在阅读 {n} 段…", "Reading {n} passages…"),
    "checking": both("核对中…", "Checking…"),
}
# Words for the reader's probability of being right; the percentage stands beside them.
_CONFIDENCE_WORDS = (
    (0.8, both("高", "high")),
    (0.5, both("中", "medium")),
    (0.0, both("低", "low")),
)
_SEARCHED_AS = both("按此检索：", "Searched as: ")

Message = dict[str, str]


def messages(turns: Turns, documents: Mapping[str, Document]) -> list[Message]:
    """The conversation as chat messages whose content is safe markup.

    Marks of citations that no longer stand in `documents` say so.
    """
    rows: list[Message] = []
    for turn in turns:
        question = clip(turn.question, _MAX_QUESTION_CHARS).strip() or both("（空）", "(empty)")
        rows.append({"role": "user", "content": _message("question", escape(question))})
        rows.append({"role": "assistant", "content": _reply(turn, documents)})
    return rows


def _message(kind: str, body: str) -> str:
    return element("div", body, class_=f"rag-{kind}")


def _reply(turn: Turn, documents: Mapping[str, Document]) -> str:
    if turn.answer is not None:
        changed = changed_marks(turn.answer, documents)
        answer = _answer(turn.number, turn.answer, turn.explanation, changed)
        return answer + answer_actions(turn)
    if turn.problem:
        return _message("problem", escape(turn.problem))
    return _message("status", escape(stage_words(turn.stage)))


def stage_words(stage: Stage | None) -> str:
    """What the person who waits is told; None means that the question waits in the queue."""
    if stage is None:
        return both("排队中…", "Waiting…")
    return _STAGES.get(stage.name, stage.name).format(n=stage.n_passages)


def _answer(
    number: int, answer: Answer, explanation: Explanation | None, changed: Collection[int]
) -> str:
    marks = {citation.mark for citation in answer.citations}
    text = _comparison(number, answer, changed) or _with_links(answer.text, number, marks, changed)
    kind = "abstained" if answer.abstained else "answer"
    certainty = (
        both("未作答", "No answer") if answer.abstained else confidence_words(answer.confidence)
    )
    took = both(f"用时 {answer.seconds:.1f} 秒", f"{answer.seconds:.1f} seconds")
    see = element("a", escape(sources_words(answer)), href=f"#turn-{number}", class_="rag-see")
    foot = element("span", escape(f"{certainty} · {took}")) + see
    below = below_answer(answer, explanation, lambda mark: _link(number, mark, changed))
    return _understood(answer) + _message(kind, text) + below + _message("facts", foot)


def _comparison(number: int, answer: Answer, changed: Collection[int]) -> str:
    """The result of a comparison over table and bars of what it is computed from; else empty."""
    if not answer.sides:
        return ""
    rows = [
        element("th", escape(side.place), scope="row")
        + element("td", escape(side.answer))
        + element("td", "".join(_link(number, mark, changed) for mark in side.marks))
        for side in answer.sides
    ]
    table = element("table", "".join(element("tr", row) for row in rows), class_="rag-sides")
    return element("p", escape(answer.short)) + table + chart(answer.sides)


def _link(number: int, mark: int, changed: Collection[int]) -> str:
    """A citation mark as a link into the sources panel; a word instead if its source changed."""
    if mark in changed:
        return changed_mark()
    return element("a", escape(f"[{mark}]"), href=f"#source-{number}-{mark}", class_="rag-mark")


def _understood(answer: Answer) -> str:
    """How a follow-up was completed, so that a wrong guess is seen."""
    if not answer.understood:
        return ""
    return _message("understood", escape(f"{_SEARCHED_AS}{answer.understood}"))


def confidence_words(confidence: float) -> str:
    """The confidence in words and percent."""
    word = next(word for floor, word in _CONFIDENCE_WORDS if confidence >= floor)
    return f"{both('可信度', 'Confidence')} {word} {confidence:.0%}"


def _with_links(text: str, number: int, marks: set[int], changed: Collection[int]) -> str:
    """`text` escaped, its citation marks as links into the sources panel."""
    parts = []
    position = 0
    for match in _MARK.finditer(text):
        mark = int(match[1])
        if mark in marks:
            parts += [escape(text[position : match.start()]), _link(number, mark, changed)]
            position = match.end()
    return "".join([*parts, escape(text[position:])])
