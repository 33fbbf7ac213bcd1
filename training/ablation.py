"""What each choice of the reader is worth: short trainings that differ in one thing.

`python -m training.ablation DATA OUT --minutes 6`: for each variant a set is made and a reader
trained for the same time, then measured on the base recipe's held-out questions. Two more rows
compare strict with free decoding of the base reader, on the passages that answer. Results are
kept in OUT, so that it can be stopped and run again. Prints the rows of the table in
`docs/experiments.md`.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from rag.evaluation.cmrc import cmrc_exact_match, cmrc_f1
from rag.evaluation.scores import average, bootstrap, interval
from rag.reader import ReaderInput
from rag.reader.abstention import UNCALIBRATED
from rag.reader.base import LIST_SEPARATOR
from rag.reader.copying import CopyReader, Proposal
from rag.reader.inputs import collate, make_source
from rag.reader.model import CopyingReader
from rag.reader.tokenizer import SEP, SPECIAL_TOKENS, WORD_START, ReaderTokenizer
from training.examples import Example, read_examples

_MADE, _NEWS = "24000", "1500"
_MAX_NEW_TOKENS = 72
_UNSEEN = {*SPECIAL_TOKENS} - {SEP}


@dataclass(frozen=True, slots=True)
class Variant:
    """One row: the options in which it differs from the base.

    Attributes:
        name: As shown.
        data: For `prepare_reader_data`.
        train: For `train_reader`.
        fused: Whether passages are read together.
    """

    name: str
    data: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    fused: bool = True


VARIANTS = (
    Variant("base"),
    Variant("Chinese in characters", train=("--words", "0")),
    Variant("6 encoder layers", train=("--encoder-layers", "6")),
    Variant("1 decoder layer", train=("--decoder-layers", "1")),
    Variant("6 decoder layers", train=("--decoder-layers", "6")),
    Variant("no copy prior", train=("--prior-order", "0")),
    Variant("one passage at a time", data=("--most-passages", "1"), fused=False),
    Variant("no header", data=("--no-headers",)),
    Variant("no human questions", train=("--human", "0")),
    Variant("human questions only", train=("--human", "1")),
    Variant("no silent questions", data=("--silent", "0")),
    Variant("half of them silent", data=("--silent", "0.5")),
    Variant("no English", data=("--english", "0")),
    Variant("no lists taken apart, no yes/no", data=("--lists", "0", "--yes-no", "0")),
)


def main() -> None:
    """Run what has no result yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", default="6")
    parser.add_argument("--limit", type=int, default=400, help="held-out questions")
    given = parser.parse_args()
    base = _prepare(given.data, given.out, ())
    print(f"| variant ({given.minutes} min) | EM | F1 | human F1 | AUROC of refusing |")
    print("| --- | --- | --- | --- | --- |")
    for variant in VARIANTS:
        folder = given.out / variant.name.replace(" ", "-").replace("/", "-")
        if not (folder / "row.txt").exists():
            sets = _prepare(given.data, given.out, variant.data)
            _run("train_reader", str(sets), str(folder), "--minutes", given.minutes, *variant.train)
            examples = list(read_examples(base / "heldout.jsonl.gz"))[: given.limit]
            (folder / "row.txt").write_text(_row(variant, folder, examples), "utf-8")
        print((folder / "row.txt").read_text("utf-8"), flush=True)
    examples = [e for e in read_examples(base / "heldout.jsonl.gz") if e.gold >= 0][: given.limit]
    reader = _load(VARIANTS[0], given.out / VARIANTS[0].name)
    inputs = [_input(example, only_gold=True) for example in examples]
    strict = [found[0].word + found[0].text if found else "" for found in reader.propose(inputs)]
    free = [_generate(reader, asked) for asked in inputs]
    for name, answers in (("base, strict decoding", strict), ("base, free decoding", free)):
        print(f"| {name}, answering passage alone | {_scores(examples, answers)} | |", flush=True)


def _prepare(data: Path, out: Path, options: Sequence[str]) -> Path:
    """The set of a recipe; made once."""
    folder = out / ("sets" + "".join(options))
    if not (folder / "manifest.json").exists():
        _run("prepare_reader_data", str(data), str(folder), "--made", _MADE, "--news", _NEWS,
             *options)  # fmt: skip
    return folder


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", f"training.{module}", *arguments],
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip


def _row(variant: Variant, folder: Path, examples: Sequence[Example]) -> str:
    reader = _load(variant, folder)
    header = "--no-headers" not in variant.data
    offered = reader.propose([_input(example, header=header) for example in examples])
    answers = [found[0].word + found[0].text if found else "" for found in offered]
    silence = np.array([_refusal(found) for found in offered])
    silent = np.array([example.gold < 0 for example in examples])
    auroc = roc_auc_score(silent, silence)
    return f"| {variant.name} | {_scores(examples, answers)} | {auroc:.3f} |"


def _scores(examples: Sequence[Example], answers: Sequence[str]) -> str:
    """Cells of exact match, F1 and the F1 of human questions, over those that have an answer."""
    pairs = [(e, a) for e, a in zip(examples, answers, strict=True) if e.gold >= 0]
    em = average(cmrc_exact_match(answer, [example.answer]) for example, answer in pairs)
    f1 = [cmrc_f1(answer, [example.answer]) for example, answer in pairs]
    human = [v for v, (example, _) in zip(f1, pairs, strict=True) if example.kind == "human"]
    spread = interval(em)
    assert spread is not None
    em_cell = f"{em.mean:.3f} ({spread.low:.3f}-{spread.high:.3f}, n {len(pairs)})"
    return f"{em_cell} | {_cell(f1)} | {_cell(human)}"


def _load(variant: Variant, folder: Path) -> CopyReader:
    model = CopyingReader.from_pretrained(folder, local_files_only=True, dtype="auto")
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


def _input(example: Example, *, header: bool = True, only_gold: bool = False) -> ReaderInput:
    passages = [example.passages[example.gold]] if only_gold else example.passages
    texts = tuple(passage.text for passage in passages)
    headers = tuple(passage.header if header else "" for passage in passages)
    return ReaderInput(example.question, texts, headers)


def _refusal(found: Sequence[Proposal]) -> float:
    """How much more probable silence is than the best answer."""
    return found[0].refusal - found[0].log_probability if found else 100.0


def _cell(values: Sequence[float]) -> str:
    spread = bootstrap(values)
    return f"{np.mean(values):.3f} ({spread.low:.3f}-{spread.high:.3f}, n {len(values)})"


if __name__ == "__main__":
    main()
