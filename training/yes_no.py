"""Yes/no questions made from statements: as they stand for yes, contradicted for no."""

import re
from random import Random

from rag.reader.base import NO, YES
from training.negatives import with_other_figures

_OPPOSITES = (
    ("增长", "下降"), ("提高", "降低"), ("增加", "减少"), ("上升", "下降"), ("扩大", "缩小"),
    ("高于", "低于"), ("超过", "低于"), ("全部", "部分"), ("首次", "再次"), ("城镇", "农村"),
    ("新增", "减少"), ("进口", "出口"), ("以上", "以下"), ("上半年", "下半年"), ("最大", "最小"),
)  # fmt: skip
_CLAUSE = re.compile(r"[^，,。；;：:！？\n]{8,40}")
_VERB = re.compile(
    r"(?=(?:达到|完成|实现|建成|通过|超过|增长|提高|获得|获批|开通|成立|发放|纳入|覆盖|位居))"
)


def yes_no_question(sentence: str, rng: Random) -> tuple[str, str, tuple[int, int]] | None:
    """A statement of the sentence as a question, its answer, and the clause that is its evidence.

    Returns:
        Question without a place, `是` or `否`, and the evidence's characters in the sentence.
    """
    clauses = [m for m in _CLAUSE.finditer(sentence) if re.search(r"\d|[增提完实建通超获成]", m[0])]
    if not clauses:
        return None
    clause = rng.choice(clauses)
    statement, answer = clause[0], YES
    if rng.random() < 0.5:
        contradicted = _contradict(statement, rng)
        if contradicted is None:
            return None
        statement, answer = contradicted, NO
    return _asked(statement, rng), answer, clause.span()


def _contradict(statement: str, rng: Random) -> str | None:
    changed = []
    if re.search(r"\d", statement):
        changed.append(with_other_figures(statement, rng))
    for one, other in _OPPOSITES:
        for word, opposite in ((one, other), (other, one)):
            if word in statement:
                changed.append(statement.replace(word, opposite, 1))
    changed = [text for text in changed if text != statement]
    return rng.choice(changed) if changed else None


def _asked(statement: str, rng: Random) -> str:
    verb = _VERB.search(statement)
    if verb and verb.start() > 2 and rng.random() < 0.5:
        return f"{statement[: verb.start()]}是否{statement[verb.start() :]}"
    return statement + rng.choice(("吗", "了吗", "，对吗", "，是这样吗"))
