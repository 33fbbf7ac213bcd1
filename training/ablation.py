"""What each choice of the reader is worth: readings and short trainings that differ in one thing.

`python -m training.ablation DATA OUT --minutes 6`: the trained reader (`--start`) reads the base
recipe's held-out questions as it is and with one thing changed. Then, for each variant of the
training, a set is made and the reader trained on for the same time, and measured on the same
questions. Differences from the first row of each part are paired by question. Two more rows
compare strict with free decoding, on the passages that answer. Results are kept in OUT, so that
it can be stopped and run again. Prints the table of `docs/experiments.md`.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from embeddings.devices import choose_precision, read_cpu_flags
from rag.evaluation.cmrc import cmrc_exact_match, cmrc_f1
from rag.evaluation.scores import average, bootstrap, interval
from rag.reader import ReaderInput
from rag.reader.abstention import UNCALIBRATED
from rag.reader.base import LIST_SEPARATOR
from rag.reader.copying import CopyReader
from rag.reader.inputs import collate, make_source
from rag.reader.loading import BUNDLED_READER
from rag.reader.model import CopyingReader
from rag.reader.proposals import Proposal
from rag.reader.tokenizer import SEP, SPECIAL_TOKENS, WORD_START, ReaderTokenizer
from training.examples import Example, read_examples

_SIZES = ("--made", "12000", "--news", "1500", "--held-out", "450")
_WARM_UP = "10"
_MAX_NEW_TOKENS = 72
_UNSEEN = {*SPECIAL_TOKENS} - {SEP}


@dataclass(frozen=True, slots=True)
class Variant:
    """One row: what is changed, in the reading or in the training.

    Attributes:
        name: As shown.
        data: For `prepare_reader_data`.
        train: For `train_reader`; None if the reader is not trained on.
        fused: Whether passages are read together.
        header: Whether passages are read with their header.
        prior: Whether the copy prior counts.
    """

    name: str
    data: tuple[str, ...] = ()
    train: tuple[str, ...] | None = ()
    fused: bool = True
    header: bool = True
    prior: bool = True


READINGS = (
    Variant("as shipped", train=None),
    Variant("one passage at a time", train=None, fused=False),
    Variant("no header", train=None, header=False),
    Variant("no copy prior", train=None, prior=False),
)
TRAININGS = (
    Variant("trained on", train=()),
    Variant("1 decoder layer", train=("--decoder-layers", "1")),
    Variant("6 encoder layers", train=("--encoder-layers", "6")),
    Variant("no silent questions", data=("--silent", "0")),
    Variant("half of them silent", data=("--silent", "0.5")),
    Variant("no human questions", train=("--human", "0")),
    Variant("human questions only", train=("--human", "1")),
    Variant("no passage without its answer", data=("--gutted", "0")),
    Variant("no English", data=("--english", "0")),
    Variant("no lists taken apart, no yes/no", data=("--lists", "0", "--yes-no", "0")),
    Variant("one passage a question", data=("--most-passages", "1")),
    Variant("6 decoder layers", train=("--decoder-layers", "6")),
    Variant("Chinese in characters", train=("--words", "0")),
)


def main() -> None:
    """Run what has no result yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", default="6")
    parser.add_argument("--start", type=Path, default=BUNDLED_READER, help="trained reader")
    parser.add_argument("--limit", type=int, default=400, help="held-out questions")
    given = parser.parse_args()
    examples = list(read_examples(_prepare(given.data, given.out, ()) / "heldout.jsonl.gz"))
    examples = examples[: given.limit]
    answerable = [example for example in examples if example.gold >= 0]
    print(f"| {len(answerable)} answerable questions of {len(examples)} | EM | F1 "
          "| F1 less the first row's | AUROC of refusing |")  # fmt: skip
    print("| --- | --- | --- | --- | --- |")
    for part in (READINGS, TRAININGS):
        first: list[float] = []
        for variant in part:
            answers, silence = _answers(variant, given, examples)
            f1 = _f1(answerable, answers)
            first = first or f1
            auroc = roc_auc_score([example.gold < 0 for example in examples], silence)
            print(f"| {variant.name} | {_em(answerable, answers)} | {_cell(f1)} "
                  f"| {_difference(f1, first)} | {auroc:.3f} |", flush=True)  # fmt: skip
    _compare_decoding(_load(READINGS[0], given.start), answerable)


def _trained(variant: Variant, given: argparse.Namespace) -> Path:
    """The folder of the variant's reader, trained on if it has to be."""
    if variant.train is None:
        start: Path = given.start
        return start
    folder, sets = _folder(given.out, variant), _prepare(given.data, given.out, variant.data)
    _run("train_reader", str(sets), str(folder), "--minutes", given.minutes,
         "--start", str(given.start), "--warm-up", _WARM_UP, *variant.train)  # fmt: skip
    return folder


def _answers(
    variant: Variant, given: argparse.Namespace, examples: Sequence[Example]
) -> tuple[list[str], list[float]]:
    """Best answers to the answerable questions and, for all, how much more probable silence is."""
    path = _folder(given.out, variant) / "answers.json"
    if not path.exists():
        reader = _load(variant, _trained(variant, given))
        offered = reader.propose([_input(e, variant.header) for e in examples])
        found = [best[0].word + best[0].text if best else "" for best in offered]
        path.parent.mkdir(parents=True, exist_ok=True)
        silence = [_refusal(best) for best in offered]
        path.write_text(json.dumps([found, silence], ensure_ascii=False), "utf-8")
    found, silence = json.loads(path.read_text("utf-8"))
    return [a for e, a in zip(examples, found, strict=True) if e.gold >= 0], silence


def _folder(out: Path, variant: Variant) -> Path:
    return out / variant.name.replace(" ", "-").replace("/", "-")


def _compare_decoding(reader: CopyReader, examples: Sequence[Example]) -> None:
    """Print the rows of strict and free decoding."""
    inputs = [_input(example, only_gold=True) for example in examples]
    strict = [found[0].word + found[0].text if found else "" for found in reader.propose(inputs)]
    free = [_generate(reader, asked) for asked in inputs]
    first = _f1(examples, strict)
    for name, answers in (("strict", strict), ("free", free)):
        f1 = _f1(examples, answers)
        print(f"| {name} decoding, answering passage alone | {_em(examples, answers)} "
              f"| {_cell(f1)} | {_difference(f1, first)} | |")  # fmt: skip


def _prepare(data: Path, out: Path, options: Sequence[str]) -> Path:
    """The set of a recipe; made once."""
    folder = out / ("sets" + "".join(options))
    if not (folder / "manifest.json").exists():
        _run("prepare_reader_data", str(data), str(folder), *_SIZES, *options)
    return folder


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", f"training.{module}", *arguments],
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip


def _em(examples: Sequence[Example], answers: Sequence[str]) -> str:
    return _cell(
        [float(cmrc_exact_match(a, [e.answer])) for e, a in zip(examples, answers, strict=True)]
    )


def _f1(examples: Sequence[Example], answers: Sequence[str]) -> list[float]:
    return [cmrc_f1(a, [e.answer]) for e, a in zip(examples, answers, strict=True)]


def _load(variant: Variant, folder: Path) -> CopyReader:
    precision = getattr(torch, choose_precision(read_cpu_flags()))
    model = CopyingReader.from_pretrained(folder, local_files_only=True, dtype=precision)
    if not variant.prior:
        torch.nn.init.zeros_(model.prior_weights)
    tokenizer = ReaderTokenizer.load(folder / "vocabulary.json")
    return CopyReader(model, tokenizer, UNCALIBRATED, variant.name, fused=variant.fused)


@torch.inference_mode()
def _generate(reader: CopyReader, asked: ReaderInput) -> str:
    """What the free mixture writes, greedily."""
    tokenizer = reader.tokenizer
    source = make_source(tokenizer, asked.question, asked.headers[0], asked.passages[0])
    batch = collate([source], tokenizer.pad_id)
    (ids,) = reader.model.generate(
        batch.input_ids,
        batch.attention_mask,
        batch.token_type_ids,
        batch.copy_mask,
        max_new_tokens=_MAX_NEW_TOKENS,
        do_sample=False,
    )
    words = [tokenizer.tokens[i] for i in ids.tolist()]
    shown = (LIST_SEPARATOR if word == SEP else word for word in words if word not in _UNSEEN)
    return "".join(shown).replace(WORD_START, " ").strip()


def _input(example: Example, header: bool = True, *, only_gold: bool = False) -> ReaderInput:
    passages = [example.passages[example.gold]] if only_gold else example.passages
    texts = tuple(passage.text for passage in passages)
    headers = tuple(passage.header if header else "" for passage in passages)
    return ReaderInput(example.question, texts, headers)


def _refusal(found: Sequence[Proposal]) -> float:
    """How much more probable silence is than the best answer."""
    return found[0].refusal - found[0].log_probability if found else 100.0


def _cell(values: Sequence[float]) -> str:
    """Mean and its 95 % interval."""
    spread = interval(average(values))
    assert spread is not None
    return f"{np.mean(values):.3f} ({spread.low:.3f} to {spread.high:.3f})"


def _difference(values: Sequence[float], others: Sequence[float]) -> str:
    """Mean of the differences, question by question, and its 95 % interval."""
    differences = [value - other for value, other in zip(values, others, strict=True)]
    spread = bootstrap(differences)
    return f"{np.mean(differences):+.3f} ({spread.low:+.3f} to {spread.high:+.3f})"


if __name__ == "__main__":
    main()
