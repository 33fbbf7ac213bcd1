"""How right an answer is: pure functions of the answer's words and the gold variants."""

import re
from collections import Counter
from collections.abc import Sequence

from rag.evaluation.normalise import Quantity, normalise, number_counts, quantities, tokenise
from rag.evaluation.questions import Question

_LOOSE_TYPES = frozenset({"how", "list"})
_LOOSE_F1 = 0.7
_MAX_LENGTH_RATIO = 2
_WORDS = tuple(
    frozenset(map(normalise, words.split()))
    for words in ("是 是的 对 有 会 能 yes", "否 不是 不 没有 无 不会 不能 no")
)
"""Gold variants that say yes, and those that say no."""


def is_correct(question: Question, answer: str, *, abstained: bool) -> bool:
    """True if the product did right by the question.

    It did when the answer, after normalisation, equals a gold variant or contains one on digit
    boundaries in at most twice its length with no other number; `how` and `list` also at character
    F1 0.7 or more; a `yesno` question also when the word before the evidence (`是：…`) says what
    a gold variant says; an unanswerable question when it abstained.
    """
    if abstained or not question.is_answerable:
        return abstained and not question.is_answerable
    if any(_matches(answer, gold) for gold in question.answers):
        return True
    if question.type == "yesno" and _says_alike(answer, question.answers):
        return True
    return question.type in _LOOSE_TYPES and character_f1(answer, question.answers) >= _LOOSE_F1


def _says_alike(answer: str, golds: Sequence[str]) -> bool:
    word, mark, _ = answer.partition("：")
    said = {normalise(word)} if mark else set()
    return any(said & words and words & set(map(normalise, golds)) for words in _WORDS)


def exact_match(answer: str, golds: Sequence[str]) -> float:
    """1 if the answer equals a gold variant after normalisation, else 0 (also without golds)."""
    stated = normalise(answer)
    return float(bool(stated) and any(stated == normalise(gold) for gold in golds))


def character_f1(answer: str, golds: Sequence[str]) -> float:
    """The best F1 of shared tokens over the gold variants; 0 if there are none.

    Tokens as in `tokenise` (CMRC 2018: CJK by character, Latin by word). Shared tokens are counted
    as in SQuAD, whatever their order; the CMRC 2018 script counts the longest common run only,
    which would punish a list that is given in another order.
    """
    return max((_token_f1(tokenise(answer), tokenise(gold)) for gold in golds), default=0.0)


def number_exactness(answer: str, golds: Sequence[str]) -> float | None:
    """1 if all numbers of the answer, units included, are those of a gold variant, else 0.

    Also 1 if the answer is a variant that writes its number in words. None when no gold variant
    has a number in digits: the question does not count.
    """
    if not any(quantities(gold) for gold in golds):
        return None
    stated = quantities(answer)
    return float(any(_gives_numbers(answer, stated, gold) for gold in golds))


def _gives_numbers(answer: str, stated: Sequence[Quantity], gold: str) -> bool:
    wanted = quantities(gold)
    return _same_quantities(wanted, stated) if wanted else _matches(answer, gold)


def _matches(answer: str, gold: str) -> bool:
    stated, wanted = normalise(answer), normalise(gold)
    if not stated or not wanted:
        return False
    if stated == wanted:
        return True
    if len(stated) > _MAX_LENGTH_RATIO * len(wanted) or not _contains(stated, wanted):
        return False
    return number_counts(answer).keys() <= number_counts(gold).keys()


def _contains(stated: str, wanted: str) -> bool:
    """True if `wanted` stands in `stated` without cutting a number or a Latin word."""
    before = r"(?<![\d.])" if wanted[0].isdigit() else ""
    after = r"(?!\d|\.\d|[%‰])" if wanted[-1].isdigit() else ""
    before = r"(?<![a-z])" if _is_latin(wanted[0]) else before
    after = r"(?![a-z])" if _is_latin(wanted[-1]) else after
    return re.search(before + re.escape(wanted) + after, stated) is not None


def _is_latin(character: str) -> bool:
    return "a" <= character <= "z"


def _token_f1(stated: Sequence[str], wanted: Sequence[str]) -> float:
    n_shared = (Counter(stated) & Counter(wanted)).total()
    return 2 * n_shared / (len(stated) + len(wanted)) if n_shared else 0.0


def _same_quantities(gold: Sequence[Quantity], stated: Sequence[Quantity]) -> bool:
    pairs = zip(_by_value(gold), _by_value(stated), strict=False)
    return len(gold) == len(stated) and all(want.is_stated_by(got) for want, got in pairs)


def _by_value(found: Sequence[Quantity]) -> list[Quantity]:
    return sorted(found, key=lambda quantity: (quantity.value, quantity.percent, quantity.unit))
