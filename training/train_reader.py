"""Train the copying reader: resumable, checkpointed, one command.

`python -m training.train_reader SETS OUT --minutes 60`; run again with the same folder to go
on where the last checkpoint stands. The log, `log.jsonl` in OUT, has a line every ten steps;
`python -m training.plot_training OUT` draws it. See `training/README.md` for the malloc settings.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from pathlib import Path
from random import Random

import torch

torch.set_flush_denormal(True)  # before any thread starts: denormals stall CPU training

from torch import Tensor  # noqa: E402
from transformers.modeling_outputs import BaseModelOutput  # noqa: E402

from embeddings import bundled_model  # noqa: E402
from embeddings.devices import choose_precision, read_cpu_flags  # noqa: E402
from rag.reader.fusion_in_decoder import encode_sources, fuse, join  # noqa: E402
from rag.reader.inputs import Source, make_source  # noqa: E402
from rag.reader.model import CopyingReader  # noqa: E402
from rag.reader.tokenizer import ReaderTokenizer  # noqa: E402
from training.examples import Example, read_examples  # noqa: E402
from training.initialise import begin_from, initial_reader  # noqa: E402

_MICRO_BATCH = 8
_ENCODER_RATE, _DECODER_RATE = 1.5e-4, 4e-4
_HUMAN = "human"
_SHAPE = {"encoder_layers": 12, "decoder_layers": 3, "prior_order": 3, "words": 1}


class LabelledExample:
    """The sources of an example and the steps that write its answer.

    Attributes:
        sources: One for each passage.
        steps: For each step the joined source's position to copy, or -1, and the token written.
    """

    def __init__(self, tokenizer: ReaderTokenizer, example: Example) -> None:
        """Find the tokens of the answer; an answer cut off by the window is a refusal."""
        self.sources: list[Source] = [
            make_source(tokenizer, example.question, passage.header, passage.text)
            for passage in example.passages
        ]
        copied = self._copied(example) if example.gold >= 0 else []
        self.steps: list[tuple[int, int]] = []
        if copied and example.word:
            self.steps.append((-1, tokenizer.encode(example.word).ids[0]))
        for number, span in enumerate(copied):
            if number:
                self.steps.append((-1, tokenizer.sep_id))
            self.steps.extend(span)
        self.steps.append((-1, tokenizer.eos_id if copied else tokenizer.refuse_id))

    def _copied(self, example: Example) -> list[list[tuple[int, int]]]:
        source = self.sources[example.gold]
        offset = sum(len(one.ids) for one in self.sources[: example.gold]) + source.first_copy
        found = []
        for start, end in example.spans:
            inside = [
                (offset + i, source.ids[source.first_copy + i])
                for i, span in enumerate(source.spans)
                if span.start < end and start < span.end
            ]
            if not inside or source.spans[-1].end < end:
                return []
            found.append(inside)
        return found


def collate_labels(batch: Sequence[LabelledExample], bos_id: int) -> tuple[Tensor, Tensor, Tensor]:
    """Decoder inputs, positions to copy and ids to generate, each `(n, steps)`."""
    shape = (len(batch), max(len(one.steps) for one in batch))
    written = torch.ones(shape, dtype=torch.long)
    positions, ids = torch.full(shape, -1), torch.full(shape, -100)
    for row, one in enumerate(batch):
        n = len(one.steps)
        written[row, :n] = torch.tensor([bos_id, *(token for _, token in one.steps[:-1])])
        positions[row, :n] = torch.tensor([position for position, _ in one.steps])
        ids[row, :n] = torch.tensor([token if at < 0 else -100 for at, token in one.steps])
    return written, positions, ids


def batches(
    kinds: Sequence[str], size: int, human: float, start: int, seed: int
) -> Iterator[list[int]]:
    """Endless batches of places in `kinds`, from batch `start` on.

    A share `human` of each batch are human questions, all of them in a new order again and again.
    The rest are made questions, a kind drawn by the root of its size (as languages are in
    multilingual pretraining, Conneau et al. 2020, section 3), so that rare kinds are learned too.
    """
    people = [place for place, kind in enumerate(kinds) if kind == _HUMAN]
    made: dict[str, list[int]] = defaultdict(list)
    for place, kind in enumerate(kinds):
        if kind != _HUMAN:
            made[kind].append(place)
    weights = [len(places) ** 0.5 for places in made.values()]
    n_human = round(size * human)
    for number in count(start):
        rng = Random(f"{seed}/{number}")
        drawn = rng.choices(list(made.values()), weights, k=size - n_human) if made else []
        batch = [_in_turn(people, number * n_human + i, seed) for i in range(n_human)]
        yield [*batch, *(rng.choice(places) for places in drawn)]


def _in_turn(places: Sequence[int], number: int, seed: int) -> int:
    """The place drawn `number`-th, when all are drawn in a new order again and again."""
    turn, at = divmod(number, len(places))
    return places[_order(len(places), f"{seed}/{turn}")[at]]


@lru_cache(maxsize=4)
def _order(n: int, seed: str) -> list[int]:
    order = list(range(n))
    Random(seed).shuffle(order)
    return order


def loss_of(model: CopyingReader, batch: Sequence[LabelledExample]) -> Tensor:
    """Mean loss of a batch: passages are encoded alone, an answer is written from all of them.

    An answer's negative log-likelihood is divided by the root of its steps, so that a few long
    clauses do not outweigh all figures.
    """
    states = encode_sources(model, [source for one in batch for source in one.sources])
    groups = [one.sources for one in batch]
    joined = join(groups, model.config.pad_token_id)
    written, positions, ids = collate_labels(batch, model.config.bos_token_id)
    output = model(
        encoder_outputs=BaseModelOutput(last_hidden_state=fuse(states, groups)),
        source_ids=joined.input_ids.to(model.device),
        attention_mask=joined.attention_mask.to(model.device),
        copy_mask=joined.copy_mask.to(model.device),
        decoder_input_ids=written.to(model.device),
        label_positions=positions.to(model.device),
        label_ids=ids.to(model.device),
        label_weights=torch.tensor([len(one.steps) ** -0.5 for one in batch]).to(model.device),
    )
    loss: Tensor = output.loss
    return loss


class Trainer:
    """A model in the precision of the machine, its fp32 weights, and how far it has come."""

    def __init__(
        self,
        folder: Path,
        shape: Mapping[str, int],
        minutes: float,
        warm_up: int,
        rate: float,
        device: str,
        start: Path | None,
    ) -> None:
        """Load the last checkpoint in `folder`, or begin from `start`, or from e5 in `shape`."""
        self.folder, self.minutes, self.warm_up = folder, minutes, warm_up
        self.model, self.tokenizer = initial_reader(bundled_model(), **shape)
        self.step, self.seconds = 0, 0.0
        resumed = folder if (folder / "state.json").exists() else None
        if resumed or start:
            unlike = begin_from(self.model, self.tokenizer, resumed or start or folder)
            if resumed and unlike:
                raise SystemExit(
                    f"{folder} holds a checkpoint of another shape ({unlike[0]}); give the options "
                    "that it was begun with, or another folder"
                )
        self._masters = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        slow = [p for name, p in self._masters.items() if name.startswith("encoder.")]
        fast = [p for name, p in self._masters.items() if not name.startswith("encoder.")]
        groups = [
            {"params": params, "lr": peak, "peak": peak}
            for params, peak in ((slow, rate * _ENCODER_RATE), (fast, rate * _DECODER_RATE))
        ]
        self._optimizer = torch.optim.AdamW(
            groups, weight_decay=0.01, betas=(0.9, 0.98), fused=True
        )
        if resumed:
            state = json.loads((folder / "state.json").read_text())
            self.step, self.seconds = state["step"], state["seconds"]
            saved = torch.load(folder / "optimizer.pt", weights_only=True)
            self._optimizer.load_state_dict(saved)
        precision = "bfloat16" if device != "cpu" else choose_precision(read_cpu_flags())
        torch.nn.Module.to(self.model, device, getattr(torch, precision))
        self.model.train()

    def save(self) -> None:
        """Write a checkpoint; `state.json` last, so that a killed save is not resumed from."""
        self.folder.mkdir(parents=True, exist_ok=True)
        tied = self.model._tied_weights_keys
        state = {name: self._masters[tied.get(name, name)] for name in self.model.state_dict()}
        self.model.save_pretrained(self.folder, state_dict=state)
        self.tokenizer.save(self.folder / "vocabulary.json")
        torch.save(self._optimizer.state_dict(), self.folder / "optimizer.pt")
        progress = {"step": self.step, "seconds": self.seconds}
        (self.folder / "state.json").write_text(json.dumps(progress))

    def train_step(self, batch: Sequence[Example]) -> float:
        """One optimizer step; the mean loss of an answer."""
        began = time.monotonic()
        labelled = [LabelledExample(self.tokenizer, example) for example in batch]
        labelled.sort(key=lambda one: (len(one.sources), len(one.steps)))
        total = 0.0
        for i in range(0, len(labelled), _MICRO_BATCH):
            part = labelled[i : i + _MICRO_BATCH]
            loss = loss_of(self.model, part) * (len(part) / len(labelled))
            loss.backward()
            total += loss.item()
        self._update()
        self.step += 1
        self.seconds += time.monotonic() - began
        return total

    @torch.no_grad()
    def _update(self) -> None:
        """Step on the fp32 weights with the model's gradients, then round them into the model."""
        parameters = dict(self.model.named_parameters())
        for name, master in self._masters.items():
            gradient = parameters[name].grad
            master.grad = None if gradient is None else gradient.to(master.dtype)
        torch.nn.utils.clip_grad_norm_(self._masters.values(), 1.0)
        left = max(0.02, 1 - self.seconds / (60 * self.minutes))
        share = min(1.0, (self.step + 1) / self.warm_up) * min(1.0, left * 1.15)
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * share
        self._optimizer.step()
        for name, master in self._masters.items():
            parameters[name].copy_(master)
            parameters[name].grad = None


def main() -> None:
    """Train until the time is spent, logging and saving every few minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, help="what training.prepare_reader_data wrote")
    parser.add_argument("out", type=Path, help="folder of the checkpoint")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=16, help="questions a step")
    parser.add_argument("--human", type=float, default=0.4, help="share of human questions")
    parser.add_argument("--warm-up", type=int, default=100, help="steps of rising rate")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on the learning rates")
    parser.add_argument("--start", type=Path, help="trained reader to begin from instead of e5")
    parser.add_argument("--save-minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    for name, default in _SHAPE.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    given = parser.parse_args()
    examples = list(read_examples(given.sets / "train.jsonl.gz"))
    shape = {name: getattr(given, name) for name in _SHAPE}
    trainer = Trainer(
        given.out, shape, given.minutes, given.warm_up, given.rate, given.device, given.start
    )
    given.out.mkdir(parents=True, exist_ok=True)
    saved, mean = trainer.seconds, 0.0
    kinds = [example.kind for example in examples]
    with (given.out / "log.jsonl").open("a", encoding="utf-8") as log:
        for batch in batches(kinds, given.batch, given.human, trainer.step, given.seed):
            loss = trainer.train_step([examples[i] for i in batch])
            mean = loss if not mean else 0.97 * mean + 0.03 * loss
            if trainer.step % 10 == 0:
                line = {"step": trainer.step, "questions": trainer.step * given.batch,
                        "seconds": round(trainer.seconds, 1), "loss": round(mean, 4)}  # fmt: skip
                print(json.dumps(line), file=log, flush=True)
            done = trainer.seconds >= 60 * given.minutes
            if done or trainer.seconds - saved >= 60 * given.save_minutes:
                trainer.save()
                saved = trainer.seconds
            if done:
                break


if __name__ == "__main__":
    main()
