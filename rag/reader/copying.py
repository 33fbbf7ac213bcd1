"""The default reader: the copying model over all passages at once, the best answer wins."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from embeddings import EmbeddingsError
from embeddings.devices import CPU_BATCHES, Batches, Device, compute_on
from embeddings.kernels import bound_kernel_caches
from embeddings.progress import without_progress_bars
from embeddings.weights import check_sha256
from rag.errors import ReaderError
from rag.figures import Figure, cuts_a_figure, find_figures
from rag.reader.abstention import Calibration
from rag.reader.answer_spans import settle, whole_clause
from rag.reader.base import LIST_SEPARATOR, ReaderInput, Reading
from rag.reader.decoding import Candidate, Decoded, decode_groups
from rag.reader.inputs import Source, make_source
from rag.reader.kinds import agrees, asks_figure, asks_yes_no
from rag.reader.loading import BUNDLED_READER
from rag.reader.model import CopyingReader
from rag.reader.proposals import Offered, Proposal, best_proposal, merge, tell_working
from rag.reader.tokenizer import ReaderTokenizer
from rag.reader.windows import split_windows
from rag.types import Span

_SENTENCE_ENDS = "。；！？\n"
_SILENCE = Reading("", None, (), 0.0, abstained=True)


@dataclass(frozen=True, slots=True)
class _Window:
    """A part of a passage, ready to be read."""

    passage: int
    span: Span
    source: Source


class CopyReader:
    """Reads with a `CopyingReader`; every character of an answer is a passage's own."""

    def __init__(
        self,
        model: CopyingReader,
        tokenizer: ReaderTokenizer,
        calibration: Calibration,
        model_id: str,
        *,
        fused: bool = True,
        batches: Batches = CPU_BATCHES,
    ) -> None:
        """Take the parts; the model is put into evaluation mode and computes where it is.

        Args:
            model: The weights.
            tokenizer: Its vocabulary.
            calibration: How its probabilities are read.
            model_id: Name under which answers are recorded.
            fused: Whether all passages compete in one decoder, or each is read alone.
            batches: How much is read at once.
        """
        self.model_id = model_id
        self.calibration = calibration
        self.model = model.eval()  # type: ignore[no-untyped-call]  # an untyped library method
        self.tokenizer = tokenizer
        self._fused = fused
        self._batches = batches

    @classmethod
    def load(cls, folder: Path = BUNDLED_READER, device: Device = "auto") -> "CopyReader":
        """The reader in a folder, its files checked against the hashes in `hashes.json`.

        Raises:
            ReaderError: A file is missing or differs from what was shipped.
            DeviceNotFoundError: There is no such device (`embeddings.devices`).
        """
        digest = _check_files(folder)
        bound_kernel_caches()
        compute = compute_on(device)
        with without_progress_bars():
            model = CopyingReader.from_pretrained(
                folder, local_files_only=True, dtype=getattr(torch, compute.precision)
            )
        tokenizer = ReaderTokenizer.load(folder / "vocabulary.json")
        calibration = Calibration.load(folder / "calibration.json")
        model_id = f"copying-reader@{digest[:16]}"
        torch.nn.Module.to(model, compute.device)
        return cls(model, tokenizer, calibration, model_id, batches=compute.batches)

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        """One reading for each input, in order."""
        return [self._choose(offered) for offered in self._offer(inputs)]

    def propose(self, inputs: Sequence[ReaderInput]) -> list[list[Proposal]]:
        """All answers of the right kind that the passages of each input offer, best first."""
        return [offered.fitting for offered in self._offer(inputs)]

    def _offer(self, inputs: Sequence[ReaderInput]) -> Iterator[Offered]:
        n = self._batches.n_questions
        for start in range(0, len(inputs), n):
            part = inputs[start : start + n]
            groups = [self._groups(asked) for asked in part]
            sources = [[window.source for window in group] for each in groups for group in each]
            batch = self._batches.reading
            decoded = iter(decode_groups(self.model, self.tokenizer, sources, batch))
            for asked, own in zip(part, groups, strict=True):
                yield _offered(asked, own, [next(decoded) for _ in own])

    def _groups(self, asked: ReaderInput) -> list[list[_Window]]:
        """The windows that compete with each other; no group is empty."""
        windows = list(self._windows(asked))
        return [windows] if self._fused and windows else [[window] for window in windows]

    def _windows(self, asked: ReaderInput) -> Iterator[_Window]:
        for place, (passage, header) in enumerate(zip(asked.passages, asked.headers, strict=True)):
            for span in split_windows(passage):
                source = make_source(
                    self.tokenizer,
                    asked.question,
                    header,
                    span.of(passage),
                    asked.reworded_in(place, span),
                )
                closed = tuple(
                    number
                    for number, token in enumerate(source.spans)
                    if asked.is_closed(place, token.shift(span.start))
                )
                yield _Window(place, span, replace(source, closed=closed))

    def _choose(self, offered: Offered) -> Reading:
        best = best_proposal(offered.fitting, self.calibration.rank_penalty)
        working = tell_working(offered, best[0] if best else None, self.calibration.threshold)
        if best is None:
            return replace(_SILENCE, working=working)
        proposal, evidence = best
        confidence = self.calibration.confidence(evidence)
        return Reading(
            proposal.text,
            proposal.passage,
            proposal.spans,
            confidence,
            confidence < self.calibration.threshold,
            proposal.word,
            working,
        )


def _offered(
    asked: ReaderInput, groups: Sequence[Sequence[_Window]], decoded: Sequence[Decoded]
) -> Offered:
    found = [
        proposal
        for group, one in zip(groups, decoded, strict=True)
        for proposal in _proposals(group, one, asked)
    ]
    fitting: list[Proposal] = []
    unfit: list[Proposal] = []
    for proposal in merge(found):
        (fitting if agrees(asked.question, proposal.text) else unfit).append(proposal)
    return Offered(fitting, unfit, min((one.refusal for one in decoded), default=0.0))


def _proposals(
    windows: Sequence[_Window], decoded: Decoded, asked: ReaderInput
) -> Iterator[Proposal]:
    numbers = [find_figures(passage) for passage in asked.passages]
    is_figure, is_yes_no = asks_figure(asked.question), asks_yes_no(asked.question)
    for candidate in decoded.candidates:
        if candidate.word and not is_yes_no:
            continue
        window = windows[candidate.source]
        passage = asked.passages[window.passage]
        figures = numbers[window.passage]
        spans = tuple(_places(window, candidate, asked, figures))
        if not spans or any(cuts_a_figure(figures, span) for span in spans):
            continue
        text = LIST_SEPARATOR.join(span.of(passage) for span in spans)
        n_tokens = sum(last - first + 1 for first, last in candidate.spans)
        around = asked.headers[window.passage] + _sentence(passage, spans[0])
        yield Proposal(
            window.passage,
            spans,
            text,
            candidate.log_probability,
            decoded.refusal,
            n_tokens,
            _overlap(asked.question, around),
            is_figure,
            candidate.word,
        )


def _sentence(passage: str, span: Span) -> str:
    """The sentence of `passage` that `span` begins in."""
    start = max(passage.rfind(mark, 0, span.start) for mark in _SENTENCE_ENDS) + 1
    ends = [passage.find(mark, span.start) for mark in _SENTENCE_ENDS]
    return passage[start : min((end for end in ends if end >= 0), default=len(passage))]


def _overlap(question: str, text: str) -> float:
    """Share of the question's pairs of characters that stand in `text`."""
    pairs = {question[i : i + 2] for i in range(len(question) - 1)}
    return sum(pair in text for pair in pairs) / max(len(pairs), 1)


def _places(
    window: _Window, candidate: Candidate, asked: ReaderInput, figures: Sequence[Figure]
) -> Iterator[Span]:
    """Where the candidate's parts stand in the passage, settled; none empty, in order."""
    passage, tokens = asked.passages[window.passage], window.source.spans
    for first, last in sorted(candidate.spans):
        span = Span(tokens[first].start, tokens[last].end).shift(window.span.start)
        span = settle(passage, figures, asked.question, span)
        if candidate.word:
            span = whole_clause(passage, span)
        if span.start < span.end:
            yield span


def _check_files(folder: Path) -> str:
    """Check every file that `hashes.json` lists; the first weights file's hash."""
    try:
        hashes: dict[str, str] = json.loads((folder / "hashes.json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise ReaderError(
            f"no reader in {folder} ({exc}); reinstall the package or name another reader"
        ) from exc
    for name, expected in hashes.items():
        try:
            check_sha256(folder / name, expected)
        except EmbeddingsError as exc:
            raise ReaderError(
                f"the reader's file {folder / name} is damaged or missing; "
                f"reinstall the package ({exc})"
            ) from exc
    return next(digest for name, digest in hashes.items() if name.endswith(".safetensors"))
