"""Exact match and F1 by the rule of the CMRC 2018 script (Cui et al. 2019, section 4).

Its own deviations are kept, so that numbers compare with published ones: F1 counts the longest
common run of tokens, not all shared ones, and punctuation is dropped even inside a number.
"""

import re
from collections.abc import Sequence

_DROPPED = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_WORD = r"[^\W\u4e00-\u9fa5]+"
_TOKEN = re.compile(rf"[\u4e00-\u9fa5]|{_WORD}(?:[.,']{_WORD})*|\S")


def cmrc_tokens(text: str) -> list[str]:
    """Each Chinese character, Latin word, number and remaining mark of `text`, lower-cased."""
    return _TOKEN.findall(_without_punctuation(text))


def cmrc_exact_match(answer: str, golds: Sequence[str]) -> float:
    """1 if the answer is one of the golds, case and punctuation aside; else 0."""
    stated = _without_punctuation(answer)
    return float(any(stated == _without_punctuation(gold) for gold in golds))


def cmrc_f1(answer: str, golds: Sequence[str]) -> float:
    """The best F1, over the golds, of the longest run of tokens shared with the answer."""
    return max((_run_f1(cmrc_tokens(answer), cmrc_tokens(gold)) for gold in golds), default=0.0)


def _without_punctuation(text: str) -> str:
    return "".join(c for c in text.lower().strip() if c not in _DROPPED)


def _run_f1(stated: Sequence[str], wanted: Sequence[str]) -> float:
    shared = _longest_common_run(stated, wanted)
    if not shared:
        return 0.0
    precision, recall = shared / len(stated), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def _longest_common_run(a: Sequence[str], b: Sequence[str]) -> int:
    longest = 0
    previous = [0] * (len(b) + 1)
    for x in a:
        row = [0] * (len(b) + 1)
        for j, y in enumerate(b):
            if x == y:
                row[j + 1] = previous[j] + 1
                longest = max(longest, row[j + 1])
        previous = row
    return longest
