"""The best answer span of a passage, by exact search over the strict mode's distribution.

In strict mode every token is copied from the position after the one before it, so an answer is
a start and a length, and the probability of each is a product of pointer probabilities. All
lengths of the most probable starts are scored in one pass of the decoder, without a loop over
steps: the input of each step is known from the passage.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rag.reader.inputs import Source, SourceBatch
from rag.reader.model import CopyingReader

MAX_ANSWER_TOKENS = 72
N_STARTS = 4
N_LENGTHS = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible answer in one passage.

    Attributes:
        first: Its first token's place among the passage's tokens.
        last: Its last token's place among the passage's tokens.
        log_probability: Log of the probability of writing exactly this.
    """

    first: int
    last: int
    log_probability: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a passage gives for a question.

    Attributes:
        candidates: Possible answers, best first; none if the passage has no token.
        refusal: Log of the probability that the passage does not say.
    """

    candidates: tuple[Candidate, ...]
    refusal: float


@torch.inference_mode()
def decode_spans(
    model: CopyingReader, batch: SourceBatch, sources: Sequence[Source]
) -> list[Decoded]:
    """The best spans of each passage, and how probable it is that it holds none."""
    states = model.encode(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    first = batch.input_ids.new_full((len(sources), 1), model.config.decoder_start_token_id)
    log_copy, log_generate, hidden = model.decode(
        first, states, batch.attention_mask, batch.input_ids, batch.copy_mask
    )
    generated = model.generation_logits(hidden[:, 0]).log_softmax(-1)
    refusal = generated[:, model.config.refuse_token_id] + log_generate[:, 0, 0]
    n_starts = min(N_STARTS, log_copy.shape[2])
    start_scores, starts = log_copy[:, 0].topk(n_starts)
    ends = torch.tensor([source.first_copy + len(source.spans) for source in sources])
    scores = _length_scores(model, batch, states, starts, start_scores, ends)
    return [
        Decoded(_best(source, starts[i], scores[i]), float(refusal[i]))
        for i, source in enumerate(sources)
    ]


def _length_scores(
    model: CopyingReader,
    batch: SourceBatch,
    states: Tensor,
    starts: Tensor,
    start_scores: Tensor,
    ends: Tensor,
) -> Tensor:
    """Log-probability of each length of each start.

    Returns:
        `(n, n_starts, lengths)`; entry `l` is for an answer of `l + 1` tokens.
    """
    n, n_starts = starts.shape
    longest = int((ends[:, None] - starts).clamp(max=MAX_ANSWER_TOKENS).max().clamp(min=1))
    steps = torch.arange(longest)
    positions = starts[:, :, None] + steps
    inside = positions < ends[:, None, None]
    positions = positions.clamp(max=batch.input_ids.shape[1] - 1)
    written = batch.input_ids.gather(1, positions.flatten(1)).view(n * n_starts, longest)
    bos = written.new_full((len(written), 1), model.config.decoder_start_token_id)
    repeat = torch.arange(n).repeat_interleave(n_starts)
    log_copy, log_generate, hidden = model.decode(
        torch.cat([bos, written], 1),
        states[repeat],
        batch.attention_mask[repeat],
        batch.input_ids[repeat],
        batch.copy_mask[repeat],
    )
    stop = model.generation_logits(hidden[:, 1:]).log_softmax(-1)[..., model.config.eos_token_id]
    stop = (stop + log_generate[:, 1:, 0]).view(n, n_starts, longest)
    go_on = log_copy[:, 1:-1].gather(2, positions.view(n * n_starts, longest, 1)[:, 1:])
    go_on = go_on.view(n, n_starts, longest - 1).cumsum(-1)
    written_so_far = torch.cat([go_on.new_zeros(n, n_starts, 1), go_on], -1)
    total = start_scores[:, :, None] + written_so_far + stop
    return total.masked_fill(~inside, -torch.inf)


def _best(source: Source, starts: Tensor, scores: Tensor) -> tuple[Candidate, ...]:
    """The best lengths of each start, best first."""
    found: list[Candidate] = []
    for start, row in zip(starts.tolist(), scores, strict=True):
        first = start - source.first_copy
        values, lengths = row.topk(min(N_LENGTHS, row.numel()))
        found.extend(
            Candidate(first, first + length, value)
            for value, length in zip(values.tolist(), lengths.tolist(), strict=True)
            if first >= 0 and first + length < len(source.spans) and value > -torch.inf
        )
    return tuple(sorted(found, key=lambda c: -c.log_probability))
