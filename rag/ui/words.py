"""The page's own words in Chinese and in English; the browser shows one of the two.

Both travel in one string, so that a label, an attribute and a piece of markup can carry them
alike. `language.js` shows one, and the other at once when a person switches.
"""

# Invisible operators of Unicode: where the Chinese begins, where the English, and where it ends.
# `rag.cleaning.clean` takes them out of documents, whose text can thus never pass for a pair.
MARKS = ("\u2061", "\u2063", "\u2064")


def both(chinese: str, english: str) -> str:
    """Text that reads `chinese` or `english`; to be joined with other text, never nested.

    Raises:
        ValueError: One of them holds such a text already.
    """
    if any(mark in chinese + english for mark in MARKS):
        raise ValueError(f"words of the page within others: {chinese!r}, {english!r}")
    begin, between, end = MARKS
    return f"{begin}{chinese}{between}{english}{end}"
