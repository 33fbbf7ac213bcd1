"""A report of training examples that a person can read and judge."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random

from training.examples import Example

_EACH = 4


def write_samples(path: Path, examples: Sequence[Example], rng: Random) -> None:
    """A few examples of each kind, the answer marked in its passage, as Markdown."""
    kinds: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        kinds[example.kind if example.gold >= 0 else f"{example.kind}, no answer"].append(example)
    lines = ["# Samples of the training set", ""]
    for kind, found in sorted(kinds.items()):
        lines += [f"## {kind} ({len(found)})", ""]
        for example in rng.sample(found, min(_EACH, len(found))):
            lines += [*_shown(example), ""]
    path.write_text("\n".join(lines), "utf-8")


def _shown(example: Example) -> list[str]:
    lines = [f"**{example.question}** → {example.answer or '(refuse)'}", ""]
    for place, (passage, name) in enumerate(zip(example.passages, example.negatives, strict=True)):
        text = passage.text
        if place == example.gold:
            for start, end in sorted(example.spans, reverse=True):
                text = f"{text[:start]}【{text[start:end]}】{text[end:]}"
        lines.append(f"- *{name}* ({passage.header}) {text}".replace("\n", " "))
    return lines
