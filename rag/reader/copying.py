"""The default reader: the copying model over each passage alone, the best answer wins."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from embeddings import EmbeddingsError
from embeddings.encoder import choose_precision, read_cpu_flags
from embeddings.progress import without_progress_bars
from embeddings.weights import check_sha256
from rag.errors import ReaderError
from rag.reader.abstention import Calibration, Evidence
from rag.reader.base import ReaderInput, Reading
from rag.reader.decoding import Decoded, decode_spans
from rag.reader.inputs import Source, collate, make_source
from rag.reader.kinds import agrees
from rag.reader.model import CopyingReader
from rag.reader.tokenizer import CharTokenizer
from rag.reader.windows import split_windows
from rag.types import Span

BUNDLED_READER = Path(__file__).parent.parent / "assets" / "reader"
_BATCH_TOKENS = 4096
_NO_RIVAL = -20.0
_LOOSE = " \t\n\u3000,，。.;；、:：!！?？"
_PAIRS = tuple(zip("“‘《「(（【[", "”’》」)）】]", strict=True))
_SILENCE = Reading("", None, (), 0.0, abstained=True)


@dataclass(frozen=True, slots=True)
class _Window:
    """A part of a passage, ready to be read."""

    question: int
    passage: int
    span: Span
    source: Source


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that one window offers.

    Attributes:
        passage: Place of the passage in the input, from 0.
        span: The answer's characters in the passage.
        text: Those characters.
        log_probability: As the decoder gives it.
        refusal: Log-probability that the window does not say.
        n_tokens: Length of the answer.
    """

    passage: int
    span: Span
    text: str
    log_probability: float
    refusal: float
    n_tokens: int


class CopyReader:
    """Reads with a `CopyingReader`; every character of an answer is a passage's own."""

    def __init__(
        self,
        model: CopyingReader,
        tokenizer: CharTokenizer,
        calibration: Calibration,
        model_id: str,
    ) -> None:
        """Take the parts; the model is put into evaluation mode."""
        self.model_id = model_id
        self.calibration = calibration
        self._model = model.eval()  # type: ignore[no-untyped-call]  # an untyped library method
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path = BUNDLED_READER) -> "CopyReader":
        """The reader in a folder, its files checked against the hashes in `hashes.json`.

        Raises:
            ReaderError: A file is missing or differs from what was shipped.
        """
        digest = _check_files(folder)
        precision = choose_precision(read_cpu_flags())
        with without_progress_bars():
            model = CopyingReader.from_pretrained(
                folder, local_files_only=True, dtype=getattr(torch, precision)
            )
        tokenizer = CharTokenizer.load(folder / "vocabulary.json")
        calibration = Calibration.load(folder / "calibration.json")
        return cls(model, tokenizer, calibration, f"copying-reader@{digest[:16]}")

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        """One reading for each input, in order."""
        return [self._choose(proposals) for proposals in self.propose(inputs)]

    def propose(self, inputs: Sequence[ReaderInput]) -> list[list[Proposal]]:
        """All answers of the right kind that the passages of each input offer."""
        windows = [
            window for number, asked in enumerate(inputs) for window in self._windows(number, asked)
        ]
        found: list[list[Proposal]] = [[] for _ in inputs]
        for window, decoded in zip(windows, self._decode(windows), strict=True):
            asked = inputs[window.question]
            found[window.question].extend(
                proposal
                for proposal in _proposals(window, decoded, asked.passages[window.passage])
                if proposal.text and agrees(asked.question, proposal.text)
            )
        return found

    def _windows(self, number: int, asked: ReaderInput) -> list[_Window]:
        windows = []
        for place, (passage, header) in enumerate(zip(asked.passages, asked.headers, strict=True)):
            for span in split_windows(passage):
                source = make_source(self._tokenizer, asked.question, header, span.of(passage))
                windows.append(_Window(number, place, span, source))
        return windows

    def _decode(self, windows: Sequence[_Window]) -> list[Decoded]:
        """Decode in batches of similar length, the longest first."""
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].source.ids))
        decoded: dict[int, Decoded] = {}
        while order:
            size = max(1, _BATCH_TOKENS // len(windows[order[-1]].source.ids))
            part, order = order[-size:], order[:-size]
            sources = [windows[i].source for i in part]
            batch = collate(sources, self._tokenizer.pad_id)
            results = decode_spans(self._model, batch, sources)
            decoded.update(zip(part, results, strict=True))
        return [decoded[i] for i in range(len(windows))]

    def _choose(self, proposals: Sequence[Proposal]) -> Reading:
        best = best_proposal(proposals, self.calibration.rank_penalty)
        if best is None:
            return _SILENCE
        proposal, evidence = best
        confidence = self.calibration.confidence(evidence)
        abstained = confidence < self.calibration.threshold
        return Reading(proposal.text, proposal.passage, (proposal.span,), confidence, abstained)


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
    evidence = Evidence(best.log_probability, best.refusal, margin, best.passage + 1, best.n_tokens)
    return best, evidence


def _proposals(window: _Window, decoded: Decoded, passage: str) -> list[Proposal]:
    found = []
    for candidate in decoded.candidates:
        first, last = (window.source.spans[i] for i in (candidate.first, candidate.last))
        span = trim(passage, Span(first.start, last.end).shift(window.span.start))
        found.append(
            Proposal(
                window.passage,
                span,
                span.of(passage),
                candidate.log_probability,
                decoded.refusal,
                candidate.last - candidate.first + 1,
            )
        )
    return found


def trim(passage: str, span: Span) -> Span:
    """`span` without the punctuation at its ends, and without half a pair of quotes or brackets."""
    start, end = span.start, span.end
    while start < end and (passage[start] in _LOOSE or _lacks_partner(passage, start, end, start)):
        start += 1
    while start < end and (
        passage[end - 1] in _LOOSE or _lacks_partner(passage, start, end, end - 1)
    ):
        end -= 1
    return Span(start, end)


def _lacks_partner(passage: str, start: int, end: int, place: int) -> bool:
    """True if the bracket or quote at `place` has no partner in `passage[start:end]`."""
    for opening, closing in _PAIRS:
        if passage[place] == opening:
            return closing not in passage[place + 1 : end]
        if passage[place] == closing:
            return opening not in passage[start:place]
    return False


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
