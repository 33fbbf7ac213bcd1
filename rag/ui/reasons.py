"""Why nothing was answered, in a sentence for each question that was asked of the shelf."""

from collections.abc import Iterator

from rag.explanation import CheckName, Explanation, Outcome, Part
from rag.ui.words import both

# What is told of several failed checks: the first of these. That a place is unknown is not told
# here, since the answer itself says so.
_REASONS = {
    CheckName.YEAR: both(
        "读到的内容属于别的年份。", "What was read is about other years than the one asked for."
    ),
    CheckName.KIND: both(
        "读到的内容不是所问的那一类（如数字、时间、名称）。",
        "What was read is not of the kind asked for, such as a figure, a date or a name.",
    ),
    CheckName.OFFER: both(
        "读过的段落里没有能回答的内容。", "Nothing in the passages that were read answers it."
    ),
    CheckName.CONFIDENCE: both(
        "最可能的答案把握不足。", "The likeliest answer is not sure enough."
    ),
    CheckName.CITATION: both(
        "候选答案不能逐字落到原文上。",
        "The likeliest answer does not stand word for word in a report.",
    ),
    CheckName.NUMBER: both(
        "候选答案的数字与出处不一致。", "The figures of the likeliest answer are not those cited."
    ),
}
_NOTHING_FOUND = both("没有找到相关的段落。", "No passage about it was found.")
_MAX_REASONS = 6


def reasons(explanation: Explanation) -> tuple[str, ...]:
    """Why there is no answer: one sentence, or one for each side of a comparison without one."""
    silent = [part for part in explanation.parts if not part.answer]
    told = [reason for part in silent for reason in _reason(part)]
    return tuple(dict.fromkeys(told))[:_MAX_REASONS]


def _reason(part: Part) -> Iterator[str]:
    if not part.passages:
        yield _NOTHING_FOUND
        return
    failed = {check.name for check in part.checks if check.outcome == Outcome.FAILED}
    if CheckName.PLACE in failed:
        return
    name = next((name for name in _REASONS if name in failed), None)
    if name is not None:
        yield _REASONS[name] + (_odds(part) if name == CheckName.CONFIDENCE else "")


def _odds(part: Part) -> str:
    """The confidence and what it was held against, where the reader tells both."""
    if part.threshold is None:
        return ""
    confidence, threshold = f"{part.confidence:.0%}", f"{part.threshold:.0%}"
    return both(f"（{confidence}，需要 {threshold}）", f" ({confidence}, {threshold} needed)")
