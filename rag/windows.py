"""Short stretches of a chunk, encoded each alone: one vector for 300 characters hides facts."""

from collections.abc import Iterator

from rag.sentences import split_long, split_sentences
from rag.types import Span

# Part of an index's identity: raise it when the same chunk would give other windows.
WINDOWS_VERSION = "1"
WINDOW_CHARS = 60
_LONGEST = 1.5


def split_windows(text: str, max_chars: int = WINDOW_CHARS) -> tuple[str, ...]:
    """Neighbouring sentences, joined up to `max_chars` characters; they cover `text` in order.

    A sentence stands alone up to half as much again; a longer one is cut at inner punctuation.
    """
    windows: list[str] = []
    for piece in _pieces(text, max_chars):
        if windows and len(windows[-1]) + len(piece) <= max_chars:
            windows[-1] += piece
        else:
            windows.append(piece)
    return tuple(windows)


def _pieces(text: str, max_chars: int) -> Iterator[str]:
    for sentence in split_sentences(text):
        is_long = len(sentence) > _LONGEST * max_chars
        parts: Iterator[Span] = (
            split_long(text, sentence, max_chars) if is_long else iter([sentence])
        )
        for part in parts:
            yield part.of(text)
