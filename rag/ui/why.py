"""Why an answer is what it is, as HTML: plain tables, closed until they are asked for."""

from collections.abc import Iterable, Sequence

from rag.explanation import (
    Candidate,
    Check,
    CheckName,
    Explanation,
    FoundPassage,
    Outcome,
    Part,
    Role,
)
from rag.ui.markup import MAX_TITLE_CHARS, clip, element, escape
from rag.ui.words import both

_TITLE = both("为什么这样回答", "Why this answer")
_MAX_CELL_CHARS = 300
_ROLES = {
    Role.ASKED: both("检索的问题", "Searched as"),
    Role.SIDE: both("比较的一方", "One side"),
    Role.UNIT: both("换单位再问", "Again, in the unit of the surest side"),
    Role.REPORT: both("再问同地另一报告", "Again, of another report about the place"),
}
_CHECKS = {
    CheckName.OFFER: both("有候选答案", "The reader offers an answer"),
    CheckName.KIND: both("答案种类相符", "Of the kind asked for"),
    CheckName.YEAR: both("年份相符", "Of the years asked for"),
    CheckName.PLACE: both("地点在书架上", "The place is known"),
    CheckName.CONFIDENCE: both("可信度达标", "Sure enough"),
    CheckName.CITATION: both("逐字见于原文", "Word for word in the report"),
    CheckName.NUMBER: both("数字见于出处", "Its figures stand in the citation"),
}
_OUTCOMES = {
    Outcome.PASSED: both("通过", "passed"),
    Outcome.FAILED: both("未通过", "failed"),
    Outcome.NOT_NEEDED: both("不需要", "not needed"),
    Outcome.NOT_REACHED: both("未进行", "not reached"),
}
_PASSAGES = (
    both("名次", "Rank"),
    both("得分", "Score"),
    both("向量", "Dense"),
    both("字词", "Lexical"),
    both("段落", "Passage"),
)
_CANDIDATES = (
    both("候选答案", "Candidate"),
    both("概率", "Probability"),
    both("段落", "Passage"),
    "",
)


def why_panel(explanation: Explanation) -> str:
    """The explanation as a closed accordion."""
    told = [_looked_for(explanation.term)] if explanation.term else []
    parts = "".join([*told, *map(_part, explanation.parts), _seconds(explanation)])
    return element("details", element("summary", escape(_TITLE)) + parts, class_="rag-why")


def _looked_for(term: str) -> str:
    return _table(
        both("检索方式", "Method"),
        [(both("逐份查找", "All reports were looked through for"), term)],
    )


def _part(part: Part) -> str:
    return (
        _table(_ROLES[part.role], _facts(part))
        + _table(both("找到的段落", "Passages found"), map(_passage, part.passages), _PASSAGES)
        + _table(_n_candidates(part), map(_candidate, part.candidates), _CANDIDATES)
        + _table(both("核对", "Checks"), (_check(check, part) for check in part.checks))
    )


def _facts(part: Part) -> list[tuple[str, str]]:
    threshold = (
        both("阅读器自定", "the reader's own")
        if part.threshold is None
        else f"{part.threshold:.1%}"
    )
    facts = [
        (both("问题", "Question"), part.question),
        (both("检索词", "Words"), part.bare),
        (both("中文词", "In Chinese"), part.gloss),
        (both("交给阅读器", "Read as"), part.read_as),
        (both("地点", "Places"), "、".join(" / ".join(group) for group in part.places)),
        (both("年份", "Years"), "、".join(map(str, part.years))),
        (both("得出", "Came to"), part.answer or both("未作答", "no answer")),
        (both("可信度与门槛", "Confidence, threshold"), f"{part.confidence:.1%}, {threshold}"),
        (both("拒答概率", "Refusal"), "" if part.refusal is None else f"{part.refusal:.1%}"),
    ]
    return [(name, value) for name, value in facts if value]


def _passage(found: FoundPassage) -> tuple[str, ...]:
    passage, standing = found.passage, found.standing
    chunk = passage.chunk
    where = " › ".join(
        clip(title, MAX_TITLE_CHARS) for title in (chunk.document_id, *chunk.section)
    )
    return (
        str(passage.rank),
        f"{passage.score:.3f}",
        _ranked(standing.dense_rank, standing.dense_score or 0.0),
        _ranked(standing.lexical_rank, standing.lexical_score),
        f"{where} · {chunk.span.start}–{chunk.span.end}",
    )


def _ranked(rank: int | None, score: float) -> str:
    return "–" if rank is None else f"{rank} ({score:.3f})"


def _n_candidates(part: Part) -> str:
    return both(f"候选答案（共 {part.n_candidates} 个）", f"Candidates, {part.n_candidates} in all")


def _candidate(candidate: Candidate) -> tuple[str, ...]:
    notes = [
        *([both("选中", "chosen")] if candidate.is_chosen else []),
        *([] if candidate.fits else [both("种类不符", "another kind")]),
    ]
    return (
        candidate.text,
        f"{candidate.probability:.1%}",
        str(candidate.rank),
        both("，", ", ").join(notes),
    )


def _check(check: Check, part: Part) -> tuple[str, ...]:
    details = [*check.items, *_counts(check.name, part)]
    return _CHECKS[check.name], _OUTCOMES[check.outcome], both("；", "; ").join(details)


def _counts(name: CheckName, part: Part) -> list[str]:
    n_closed = sum(found.is_partly_closed for found in part.passages)
    if name == CheckName.KIND and part.n_unfit:
        words = both("个候选种类不符", "candidates of another kind")
        return [f"{part.n_unfit}/{part.n_candidates} {words}"]
    if name == CheckName.YEAR and n_closed:
        words = both("段另有别的年份", "passages speak of other years, too")
        return [f"{n_closed}/{len(part.passages)} {words}"]
    return []


def _seconds(explanation: Explanation) -> str:
    seconds = explanation.seconds
    rows = [
        (both("检索", "Search"), seconds.search),
        (both("阅读", "Read"), seconds.read),
        (both("核对", "Check"), seconds.check),
        (both("总计", "All"), explanation.answer.seconds),
    ]
    return _table(both("用时（秒）", "Seconds"), [(name, f"{value:.3f}") for name, value in rows])


def _table(caption: str, rows: Iterable[Sequence[str]], heads: Sequence[str] = ()) -> str:
    """A table of escaped cells; empty without rows. Without heads the first cell names the row."""
    body = "".join(_row(row, is_named=not heads) for row in rows)
    if not body:
        return ""
    head = "".join(element("th", escape(name), scope="col") for name in heads)
    title = element("caption", escape(caption))
    return element("table", title + (element("tr", head) if heads else "") + body)


def _row(cells: Sequence[str], *, is_named: bool) -> str:
    shown = [element("bdi", escape(clip(cell, _MAX_CELL_CHARS))) for cell in cells]
    first = element("th", shown[0], scope="row") if is_named else element("td", shown[0])
    return element("tr", first + "".join(element("td", cell) for cell in shown[1:]))
