"""Question, header and passage as the token ids that the copying reader reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rag.reader.base import Rewording
from rag.reader.tokenizer import ReaderTokenizer
from rag.types import Span

MAX_SOURCE_TOKENS = 512
MAX_QUESTION_TOKENS = 96
MAX_HEADER_TOKENS = 72


@dataclass(frozen=True, slots=True)
class Source:
    """One question with one passage: `<s> question </s> header </s> passage </s>`.

    Attributes:
        ids: Token ids.
        first_copy: Position of the passage's first token.
        spans: For each passage token, the characters of the passage that it stands for.
        n_question: Tokens up to and with the first `</s>`: those of type 0.
        closed: Places in `spans` of the tokens that no answer may hold.
    """

    ids: tuple[int, ...]
    first_copy: int
    spans: tuple[Span, ...]
    n_question: int
    closed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """Padded sources, each tensor `(n, source)` int64."""

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor
    copy_mask: Tensor


def make_source(
    tokenizer: ReaderTokenizer,
    question: str,
    header: str,
    passage: str,
    reworded: Sequence[Rewording] = (),
) -> Source:
    """Tokens of the three texts, the passage cut to what fits in the model's window.

    Tokens of what is `reworded` stand for all characters of the stretch that they replace.
    """
    asked = tokenizer.encode(question, MAX_QUESTION_TOKENS).ids
    head = tokenizer.encode(header, MAX_HEADER_TOKENS).ids
    before = (tokenizer.bos_id, *asked, tokenizer.eos_id, *head, tokenizer.eos_id)
    text, places = _reword(passage, reworded)
    read = tokenizer.encode(text, MAX_SOURCE_TOKENS - len(before) - 1)
    spans = tuple(Span(places[s.start].start, places[s.end - 1].end) for s in read.spans)
    return Source((*before, *read.ids, tokenizer.eos_id), len(before), spans, len(asked) + 2)


def _reword(passage: str, reworded: Sequence[Rewording]) -> tuple[str, list[Span]]:
    """What is read for `passage`, and for each of its characters where it stands in `passage`."""
    parts: list[str] = []
    places: list[Span] = []
    done = 0
    for each in (*reworded, Rewording(Span(len(passage), len(passage)), "")):
        parts += passage[done : each.span.start], each.text
        places += (Span(i, i + 1) for i in range(done, each.span.start))
        places += [each.span] * len(each.text)
        done = each.span.end
    return "".join(parts), places


def collate(sources: Sequence[Source], pad_id: int) -> SourceBatch:
    """Pad sources to the longest of them."""
    shape = (len(sources), max(len(source.ids) for source in sources))
    input_ids = torch.full(shape, pad_id, dtype=torch.long)
    attention, types, copy = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    for row, source in enumerate(sources):
        n = len(source.ids)
        input_ids[row, :n] = torch.tensor(source.ids)
        attention[row, :n] = 1
        types[row, source.n_question : n] = 1
        copy[row, source.first_copy : source.first_copy + len(source.spans)] = 1
    return SourceBatch(input_ids, attention, types, copy)
