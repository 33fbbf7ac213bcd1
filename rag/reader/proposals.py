"""What the copying model proposes: proposals of one text made one, the best of them chosen."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import torch

from rag.reader.abstention import Evidence
from rag.reader.base import Offer, Working, with_word
from rag.types import Span

_NO_RIVAL = -20.0
# So many offers are told of: behind them come parts and neighbours of the first.
_MAX_TOLD = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that the passages offer.

    Attributes:
        passage: Place of the passage in the input, from 0.
        spans: The answer's characters in the passage; several for a list.
        text: Those characters.
        log_probability: As the decoder gives it, summed over the places where the text stands.
        refusal: Log-probability that the passages do not say.
        n_tokens: Length of the answer.
        overlap, is_figure: As in `Evidence`.
        word: `是` or `否` for a yes/no question that the text is the evidence for.
    """

    passage: int
    spans: tuple[Span, ...]
    text: str
    log_probability: float
    refusal: float
    n_tokens: int
    overlap: float
    is_figure: bool
    word: str = ""

    @property
    def answer(self) -> str:
        """What is shown: the text, behind its word if it has one."""
        return with_word(self.word, self.text)


@dataclass(frozen=True, slots=True)
class Offered:
    """All that the passages offer, the most probable first.

    Attributes:
        fitting: Answers of the kind that the question asks for.
        unfit: The others.
        refusal: Log-probability that the passages do not say.
    """

    fitting: list[Proposal]
    unfit: list[Proposal]
    refusal: float


def merge(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Each text once, where it is most probable, with the probability of all its places."""
    groups: dict[tuple[str, str], list[Proposal]] = {}
    for proposal in proposals:
        groups.setdefault((proposal.word, proposal.text), []).append(proposal)
    merged = [
        replace(
            max(group, key=lambda p: p.log_probability),
            log_probability=_log_sum(p.log_probability for p in group),
        )
        for group in groups.values()
    ]
    return sorted(merged, key=lambda p: -p.log_probability)


def _log_sum(values: Iterable[float]) -> float:
    return min(0.0, float(torch.logsumexp(torch.tensor(list(values)), 0)))


def tell_working(offered: Offered, chosen: Proposal | None, threshold: float) -> Working:
    """What is told of the offers: the most probable ones, the chosen one among them."""
    ranked = sorted([*offered.fitting, *offered.unfit], key=lambda p: -p.log_probability)
    told = ranked[:_MAX_TOLD]
    if chosen is not None and chosen not in told:
        told.append(chosen)
    offers = tuple(
        Offer(p.answer, p.passage, math.exp(p.log_probability), p in offered.fitting) for p in told
    )
    refusal = math.exp(min(offered.refusal, 0.0))
    return Working(offers, len(ranked), len(offered.unfit), refusal, threshold)


def best_proposal(
    proposals: Sequence[Proposal], rank_penalty: float
) -> tuple[Proposal, Evidence] | None:
    """The proposal with the highest score, with what speaks for it; None if there is none."""

    def score(proposal: Proposal) -> float:
        return proposal.log_probability - rank_penalty * proposal.passage

    if not proposals:
        return None
    best = max(proposals, key=score)
    rivals = [score(p) for p in proposals if p.text not in best.text and best.text not in p.text]
    margin = score(best) - max(rivals, default=_NO_RIVAL)
    evidence = Evidence(
        best.log_probability, best.refusal, margin, best.passage + 1, best.n_tokens, best.overlap,
        best.is_figure,
    )  # fmt: skip
    return best, evidence
