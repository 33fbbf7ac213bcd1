"""The best answers of a group of passages, by exact search over the strict mode's distribution.

In strict mode the token after position j is the one at j + 1, so a span is a start and a length,
and the probability of each is a product of pointer probabilities. All lengths of the most
probable starts are scored in one pass of the decoder, without a loop over steps: the input of
each step is known from the passage. Behind a span the model may end, or write `<sep>` and go on
with another span of the same passage; a yes/no question gets its word first, then its evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from embeddings.devices import CPU_BATCHES, Batch
from rag.reader.base import NO, YES
from rag.reader.fusion_in_decoder import encode_sources, fuse, join
from rag.reader.inputs import Source
from rag.reader.model import CopyingReader
from rag.reader.tokenizer import ReaderTokenizer

MAX_SPAN_TOKENS = 72
MAX_SPANS = 6
N_STARTS = 6
N_LENGTHS = 3
_FEW_TOKENS = 20
"""Length of spans that are scored first; longer ones only where they could count."""
_NEGLIGIBLE = 6.0
"""Log-probability behind the best span from which another does not count."""
_Step = tuple[int, int]
"""A position copied, or -1, and the token written."""
_LEAST_WORD = -1.0
"""Log-probability of a yes or no from which it is followed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible answer.

    Attributes:
        source: Place of its passage in the group.
        spans: First and last token of each part, counted among the passage's tokens.
        log_probability: Log of the probability of writing exactly this.
        word: `是` or `否` where the model answered so, its evidence being `spans`.
    """

    source: int
    spans: tuple[tuple[int, int], ...]
    log_probability: float
    word: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a group of passages gives for a question.

    Attributes:
        candidates: Possible answers, best first; none if no passage has a token.
        refusal: Log of the probability that the passages do not say.
    """

    candidates: tuple[Candidate, ...]
    refusal: float


@dataclass(frozen=True, slots=True)
class _Memory:
    """What the decoder attends to: the encoded passages of one group, `(1, source, ...)`.

    All of it is on the model's device. `free` is 1 for the tokens that an answer may hold,
    `(source,)`: the closed ones stay in the pointer's softmax, so that what is left does not look
    more probable than it is.
    """

    states: Tensor
    ids: Tensor
    copyable: Tensor
    owner: Tensor
    free: Tensor

    def decode(
        self, model: CopyingReader, written: Tensor, positions: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As `CopyingReader.decode`, for several prefixes over this one memory."""
        return model.decode(written, self.states, None, self.ids, self.copyable, positions)


@dataclass(frozen=True, slots=True)
class _Spans:
    """Spans that may come next, scored, on the processor.

    Attributes:
        starts: `(n_starts,)` positions.
        stop: `(n_starts, lengths)` log-probability of the span and then the end.
        more: The same and then a separator.
        words: Log-probability of each vocabulary entry instead of a span, `(vocabulary,)`.
    """

    starts: Tensor
    stop: Tensor
    more: Tensor
    words: Tensor


@torch.inference_mode()
def decode_groups(
    model: CopyingReader,
    tokenizer: ReaderTokenizer,
    groups: Sequence[Sequence[Source]],
    batch: Batch = CPU_BATCHES.reading,
) -> list[Decoded]:
    """The best answers of each group of passages, and how probable it is that none answers."""
    states = iter(encode_sources(model, [source for group in groups for source in group], batch))
    return [
        _decode(model, tokenizer, _memory(group, [next(states) for _ in group], model), group)
        for group in groups
    ]


def _memory(group: Sequence[Source], states: Sequence[Tensor], model: CopyingReader) -> _Memory:
    joined = join([group], model.config.pad_token_id)
    owner = [number for number, source in enumerate(group) for _ in source.ids]
    free = joined.copy_mask[0].clone()
    offset = 0
    for source in group:
        for place in source.closed:
            free[offset + source.first_copy + place] = 0
        offset += len(source.ids)
    parts = (joined.input_ids, joined.copy_mask, torch.tensor(owner), free)
    return _Memory(fuse(states, [group]), *(part.to(model.device) for part in parts))


def _decode(
    model: CopyingReader, tokenizer: ReaderTokenizer, memory: _Memory, group: Sequence[Source]
) -> Decoded:
    if not memory.free.any():
        return Decoded((), 0.0)
    search = _Search(model, tokenizer, memory, group)
    begin = ((-1, tokenizer.bos_id),)
    first = search.next_spans(begin, memory.free)
    found = search.candidates(begin, first)
    for word in (YES, NO):
        (written,) = tokenizer.encode(word).ids
        score = float(first.words[written])
        if score > _LEAST_WORD:
            prefix = (*begin, (-1, written))
            spans = search.next_spans(prefix, memory.free)
            found += search.candidates(prefix, spans, word, score)
    found.sort(key=lambda candidate: -candidate.log_probability)
    return Decoded(tuple(found), float(first.words[tokenizer.refuse_id]))


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for answers in the passages of one group."""

    model: CopyingReader
    tokenizer: ReaderTokenizer
    memory: _Memory
    group: Sequence[Source]

    def next_spans(self, prefix: Sequence[_Step], free: Tensor) -> _Spans:
        """Score all lengths of the most probable starts behind the tokens of `prefix`.

        Args:
            prefix: What is written so far, the start token first.
            free: `(source,)`, 1 where a span may stand.
        """
        model, memory = self.model, self.memory
        places, before = torch.tensor(prefix, device=model.device).T[:, None]
        log_copy, log_generate, hidden = memory.decode(model, before, places)
        words = (model.generation_logits(hidden[:, -1]).log_softmax(-1) + log_generate[:, -1])[0]
        allowed = log_copy[0, -1].masked_fill(free == 0, -torch.inf)
        scores, starts = allowed.topk(min(N_STARTS, int(free.sum())))
        room = _run_lengths(free)[starts].clamp(max=MAX_SPAN_TOKENS)
        short = room.clamp(max=_FEW_TOKENS)
        spans, beyond = self._all_lengths(before, places, starts, scores, short, words)
        best = torch.maximum(spans.stop, spans.more).max()
        if bool(((beyond > best - _NEGLIGIBLE) & (room > short)).any()):
            spans, _ = self._all_lengths(before, places, starts, scores, room, words)
        return spans

    def _all_lengths(
        self,
        before: Tensor,
        places: Tensor,
        starts: Tensor,
        scores: Tensor,
        room: Tensor,
        words: Tensor,
    ) -> tuple[_Spans, Tensor]:
        """Score the spans of up to `room` tokens from `starts` in one pass of the decoder.

        Args:
            before: Tokens written so far, `(1, prefix)`.
            places: Their positions in the source, `(1, prefix)`.
            starts: `(n_starts,)` positions.
            scores: Their log-probabilities.
            room: Tokens that a span from there may have, `(n_starts,)`.
            words: As in `_Spans`.

        Returns:
            The spans, and the log-probability of copying all tokens there is room for,
            `(n_starts,)`: no longer span has a higher one.
        """
        model, memory = self.model, self.memory
        n, n_before = len(starts), before.shape[1]
        steps = torch.arange(int(room.max()), device=model.device)
        positions = (starts[:, None] + steps).clamp(max=memory.ids.shape[1] - 1)
        written = torch.cat([before.expand(n, -1), memory.ids[0][positions]], 1)
        copied = torch.cat([places.expand(n, -1), positions], 1)
        log_copy, log_generate, hidden = memory.decode(model, written, copied)
        log_copy, log_generate = log_copy[:, n_before:], log_generate[:, n_before:, 0]
        logits = model.generation_logits(hidden[:, n_before:])
        go_on = log_copy[:, :-1].gather(2, positions[:, 1:, None])[..., 0].cumsum(-1)
        reach = scores[:, None] + torch.cat([go_on.new_zeros(n, 1), go_on], -1)
        total = (reach + log_generate - logits.logsumexp(-1)).masked_fill(
            steps >= room[:, None], -torch.inf
        )
        stop, more = logits[..., self.tokenizer.eos_id], logits[..., self.tokenizer.sep_id]
        beyond = reach.gather(1, room[:, None] - 1)[:, 0]
        parts = (starts, total + stop, total + more, words)
        return _Spans(*(part.cpu() for part in parts)), beyond

    def candidates(
        self, prefix: Sequence[_Step], spans: _Spans, word: str = "", score: float = 0.0
    ) -> list[Candidate]:
        """The best lengths of each start; of one that goes on behind a separator, the list."""
        found = []
        least = float(torch.maximum(spans.stop, spans.more).max()) - _NEGLIGIBLE
        for start, stop, more in zip(spans.starts.tolist(), spans.stop, spans.more, strict=True):
            values, lengths = stop.topk(min(N_LENGTHS, stop.numel()))
            for value, length in zip(values.tolist(), lengths.tolist(), strict=True):
                if value > -torch.inf:
                    found.append(self._candidate([(start, start + length)], score + value, word))
            if more.max() > stop.max() and more.max() > least:
                parts = [(start, start + int(more.argmax()))]
                value = float(more.max()) + self._complete(prefix, parts)
                if value > -torch.inf:
                    found.append(self._candidate(parts, score + value, word))
        return found

    def _complete(self, prefix: Sequence[_Step], parts: list[tuple[int, int]]) -> float:
        """Add to `parts`, which a separator follows, the spans that come next; their score."""
        memory, value = self.memory, 0.0
        free = memory.free * (memory.owner == memory.owner[parts[0][0]])
        written = list(prefix)
        while True:
            first, last = parts[-1]
            copied = memory.ids[0, first : last + 1].tolist()
            written += [*enumerate(copied, first), (-1, self.tokenizer.sep_id)]
            free[first : last + 1] = 0
            if not free.any():
                return -torch.inf  # nothing is left to go on with
            spans = self.next_spans(written, free)
            goes_on = len(parts) + 1 < MAX_SPANS and bool(spans.more.max() > spans.stop.max())
            scores = spans.more if goes_on else spans.stop
            best, length = divmod(int(scores.argmax()), scores.shape[1])
            start = int(spans.starts[best])
            parts.append((start, start + length))
            value += float(scores.max())
            if not goes_on:
                return value

    def _candidate(
        self, parts: Sequence[tuple[int, int]], log_probability: float, word: str
    ) -> Candidate:
        number = int(self.memory.owner[parts[0][0]])
        offset = sum(len(source.ids) for source in self.group[:number])
        offset += self.group[number].first_copy
        spans = tuple((first - offset, last - offset) for first, last in parts)
        return Candidate(number, spans, log_probability, word)


def _run_lengths(free: Tensor) -> Tensor:
    """`(source,)`: how many free places there are from each place on without a gap."""
    places = torch.arange(len(free), device=free.device)
    taken = torch.where(free == 0, places, len(free))
    return taken.flip(0).cummin(0).values.flip(0) - places
