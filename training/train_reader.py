"""Train the copying reader: resumable, checkpointed, one command.

`python -m training.train_reader SETS OUT --minutes 60`; run again with the same folder to go
on where the last checkpoint stands. See `training/README.md` for the malloc settings.
"""

import argparse
import gzip
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import torch

torch.set_flush_denormal(True)  # before any thread starts: denormals stall CPU training

from safetensors.torch import load_file  # noqa: E402
from torch import Tensor  # noqa: E402

from embeddings import bundled_model  # noqa: E402
from rag.reader.inputs import Source, collate, make_source  # noqa: E402
from rag.reader.model import CopyingReader  # noqa: E402
from rag.reader.tokenizer import CharTokenizer  # noqa: E402
from training.initialise import initial_reader  # noqa: E402

_MICRO_BATCH = 8
_ENCODER_RATE, _DECODER_RATE = 1.5e-4, 4e-4
_MAX_ANSWER_TOKENS = 72


class LabelledSource:
    """A source with the steps that its answer takes."""

    def __init__(self, tokenizer: CharTokenizer, row: dict[str, Any]) -> None:
        """Find the tokens of the answer; an answer cut off by the window is a refusal."""
        self.source: Source = make_source(tokenizer, row["question"], row["header"], row["passage"])
        self.positions = self._answer_positions(row["spans"])
        self.last_id = tokenizer.eos_id if self.positions else tokenizer.refuse_id
        self.bos_id = tokenizer.bos_id

    def _answer_positions(self, spans: Sequence[Sequence[int]]) -> list[int]:
        positions: list[int] = []
        for start, end in spans:
            inside = [
                self.source.first_copy + i
                for i, span in enumerate(self.source.spans)
                if span.start < end and start < span.end
            ]
            positions.extend(inside[:_MAX_ANSWER_TOKENS])
        return positions


def collate_labels(batch: Sequence[LabelledSource]) -> tuple[Tensor, Tensor, Tensor]:
    """Decoder inputs, positions to copy and ids to generate, each `(n, steps)`."""
    steps = max(len(one.positions) for one in batch) + 1
    written = torch.ones(len(batch), steps, dtype=torch.long)
    positions = torch.full((len(batch), steps), -1)
    ids = torch.full((len(batch), steps), -100)
    for row, one in enumerate(batch):
        n = len(one.positions)
        written[row, 0] = one.bos_id
        if n:
            written[row, 1 : n + 1] = torch.tensor([one.source.ids[p] for p in one.positions])
            positions[row, :n] = torch.tensor(one.positions)
        ids[row, n] = one.last_id
    return written, positions, ids


def batches(
    rows: Sequence[dict[str, Any]], size: int, start: int, seed: int
) -> Iterator[list[dict[str, Any]]]:
    """Endless batches, shuffled anew each epoch, from batch `start` on."""
    per_epoch = len(rows) // size
    number = start
    while True:
        order = list(range(len(rows)))
        Random(seed + number // per_epoch).shuffle(order)
        for i in range(number % per_epoch, per_epoch):
            yield [rows[j] for j in order[i * size : (i + 1) * size]]
            number += 1


def loss_of(model: CopyingReader, batch: Sequence[LabelledSource], device: str) -> Tensor:
    """Mean loss of one micro-batch."""
    sources = collate([one.source for one in batch], model.config.pad_token_id)
    written, positions, ids = (t.to(device) for t in collate_labels(batch))
    with torch.autocast(device, torch.bfloat16):
        output = model(
            sources.input_ids.to(device),
            sources.attention_mask.to(device),
            sources.token_type_ids.to(device),
            sources.copy_mask.to(device),
            decoder_input_ids=written,
            label_positions=positions,
            label_ids=ids,
        )
    loss: Tensor = output.loss
    return loss


class Trainer:
    """A model, its optimizer and how far it has come."""

    def __init__(self, folder: Path, minutes: float, decoder_layers: int, device: str) -> None:
        """Load the last checkpoint in `folder`, or start from e5."""
        self.folder, self.minutes, self.device = folder, minutes, device
        self.model, self.tokenizer = initial_reader(bundled_model(), decoder_layers)
        self.step, self.seconds = 0, 0.0
        slow = list(self.model.encoder.parameters())
        known = {id(p) for p in slow}
        fast = [p for p in self.model.parameters() if id(p) not in known]
        torch.nn.Module.to(self.model, device)
        self.model.train()
        self.optimizer = torch.optim.AdamW(
            [{"params": slow, "lr": _ENCODER_RATE, "peak": _ENCODER_RATE},
             {"params": fast, "lr": _DECODER_RATE, "peak": _DECODER_RATE}],
            weight_decay=0.01, betas=(0.9, 0.98), fused=True,
        )  # fmt: skip
        if (folder / "state.json").exists():
            self._resume()

    def _resume(self) -> None:
        state = json.loads((self.folder / "state.json").read_text())
        self.step, self.seconds = state["step"], state["seconds"]
        self.model.load_state_dict(load_file(self.folder / "model.safetensors"), strict=False)
        self.optimizer.load_state_dict(torch.load(self.folder / "optimizer.pt", weights_only=True))

    def save(self) -> None:
        """Write a checkpoint; `state.json` last, so that a killed save is not resumed from."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(self.folder)
        self.tokenizer.save(self.folder / "vocabulary.json")
        torch.save(self.optimizer.state_dict(), self.folder / "optimizer.pt")
        state = {"step": self.step, "seconds": self.seconds}
        (self.folder / "state.json").write_text(json.dumps(state))

    def train_step(self, rows: Sequence[dict[str, Any]]) -> float:
        """One optimizer step over `rows`, in micro-batches sorted by length; the mean loss."""
        began = time.monotonic()
        labelled = [LabelledSource(self.tokenizer, row) for row in rows]
        labelled.sort(key=lambda one: len(one.source.ids))
        total = 0.0
        for i in range(0, len(labelled), _MICRO_BATCH):
            part = labelled[i : i + _MICRO_BATCH]
            loss = loss_of(self.model, part, self.device) * (len(part) / len(labelled))
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._set_rates()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=False)
        self.step += 1
        self.seconds += time.monotonic() - began
        return total

    def _set_rates(self) -> None:
        """Linear warm-up over 100 steps, then linear decay over the training time."""
        left = max(0.02, 1 - self.seconds / (60 * self.minutes))
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * min(1.0, (self.step + 1) / 100) * min(1.0, left * 1.15)


def main() -> None:
    """Train until the time is spent, logging and saving every few minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, help="what training.prepare_reader_data wrote")
    parser.add_argument("out", type=Path, help="folder of the checkpoint")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--decoder-layers", type=int, default=3)
    parser.add_argument("--save-minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    with gzip.open(given.sets / "train.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    trainer = Trainer(given.out, given.minutes, given.decoder_layers, given.device)
    saved = trainer.seconds
    mean = 0.0
    for batch in batches(rows, given.batch, trainer.step, given.seed):
        loss = trainer.train_step(batch)
        mean = loss if not mean else 0.97 * mean + 0.03 * loss
        if trainer.step % 10 == 0:
            print(json.dumps({"step": trainer.step, "examples": trainer.step * given.batch,
                              "seconds": round(trainer.seconds, 1), "loss": round(mean, 4)}),
                  flush=True)  # fmt: skip
        done = trainer.seconds >= 60 * given.minutes
        if done or trainer.seconds - saved >= 60 * given.save_minutes:
            trainer.save()
            saved = trainer.seconds
        if done:
            break


if __name__ == "__main__":
    main()
