"""Any Hugging Face sequence-to-sequence model as a reader, by name or path.

Such a model writes freely, so what it writes counts only where it stands word for word in the
passage that it read.
"""

import math
from collections.abc import Sequence

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from embeddings.devices import Device, compute_on
from embeddings.progress import without_progress_bars
from rag.errors import ReaderError
from rag.reader.base import ReaderInput, Reading
from rag.types import Span

_MAX_NEW_TOKENS = 64
_MAX_SOURCE_TOKENS = 512
_THRESHOLD = 0.5
_PROMPT = "question: {question} context: {header} {passage}"


class Seq2SeqReader:
    """Reads each passage alone with `generate`; the most probable grounded answer wins."""

    def __init__(self, name_or_path: str, device: Device = "auto") -> None:
        """Load the model from a local folder or the local cache; nothing is downloaded.

        On the processor it computes in the number format of its weights.

        Raises:
            ReaderError: It is not there, or is no sequence-to-sequence model.
            DeviceNotFoundError: There is no such device (`embeddings.devices`).
        """
        compute = compute_on(device)
        precision = "auto" if compute.device == "cpu" else getattr(torch, compute.precision)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(name_or_path, local_files_only=True)
            with without_progress_bars():
                self._model = AutoModelForSeq2SeqLM.from_pretrained(
                    name_or_path, local_files_only=True, dtype=precision
                ).eval()
            self._model.to(compute.device)
        except (OSError, ValueError) as exc:
            reason = str(exc).splitlines()[0]
            raise ReaderError(
                f"cannot load the reader {name_or_path!r} from this machine ({reason}); "
                "give the folder of a sequence-to-sequence model"
            ) from exc
        self.model_id = name_or_path

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        """One reading for each input, in order."""
        return [self._read(asked) for asked in inputs]

    @torch.inference_mode()
    def _read(self, asked: ReaderInput) -> Reading:
        best = Reading("", None, (), 0.0, abstained=True)
        for number, (passage, header) in enumerate(zip(asked.passages, asked.headers, strict=True)):
            prompt = _PROMPT.format(question=asked.question, header=header, passage=passage)
            text, confidence = self._generate(prompt)
            start = passage.find(text) if text else -1
            if start >= 0 and confidence > best.confidence:
                span = Span(start, start + len(text))
                abstained = confidence < _THRESHOLD
                best = Reading(text, number, (span,), confidence, abstained)
        return best

    def _generate(self, prompt: str) -> tuple[str, float]:
        """What the model writes, and the geometric mean of its tokens' probabilities."""
        source = self._tokenizer(
            prompt, truncation=True, max_length=_MAX_SOURCE_TOKENS, return_tensors="pt"
        ).to(self._model.device)
        output = self._model.generate(
            **source,
            max_new_tokens=_MAX_NEW_TOKENS,
            do_sample=False,
            return_dict_in_generate=True,
            output_scores=True,
        )
        scores = self._model.compute_transition_scores(
            output.sequences, output.scores, normalize_logits=True
        )[0]
        text = str(self._tokenizer.decode(output.sequences[0], skip_special_tokens=True)).strip()
        finite = scores[torch.isfinite(scores)]
        return text, math.exp(float(finite.mean())) if finite.numel() else 0.0
