"""One training example: a question with the passages it is asked of, and its answer in one."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text with its contextual header."""

    header: str
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """A question, one to a few passages, and what a reader should say.

    Attributes:
        question: As a person would ask it.
        passages: In no order that tells which one answers.
        gold: Place of the answering passage, -1 if none answers.
        spans: The answer's characters in that passage; several for a list from several places.
        word: `是` or `否` for a yes/no question, its evidence being `spans`; else empty.
        kind: Type of question.
        negatives: How each passage came to be there: `gold`, `other passage`, `other year`, ...
        source: File that the gold passage (or the question) is from.
    """

    question: str
    passages: tuple[Passage, ...]
    gold: int
    spans: tuple[tuple[int, int], ...]
    kind: str
    negatives: tuple[str, ...]
    source: str
    word: str = ""

    @property
    def answer(self) -> str:
        """The answer's characters, several spans joined by `、`."""
        if self.gold < 0:
            return ""
        text = self.passages[self.gold].text
        return self.word + "、".join(text[start:end] for start, end in self.spans)


def write_examples(path: Path, examples: Iterable[Example]) -> dict[str, object]:
    """Write examples as JSON lines; their counts and the hash of the rows."""
    digest = hashlib.sha256()
    kinds: Counter[str] = Counter()
    negatives: Counter[str] = Counter()
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as out:
        for example in examples:
            line = json.dumps(asdict(example), ensure_ascii=False)
            digest.update(line.encode())
            out.write(line + "\n")
            kinds[example.kind if example.gold >= 0 else f"no answer: {example.kind}"] += 1
            negatives.update(example.negatives)
    return {
        "questions": sum(kinds.values()),
        "kinds": dict(kinds.most_common()),
        "passages": dict(negatives.most_common()),
        "sha256": digest.hexdigest(),
    }


def read_examples(path: Path) -> Iterator[Example]:
    """The examples of a file that `write_examples` wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            row["passages"] = tuple(Passage(**passage) for passage in row["passages"])
            row["spans"] = tuple((start, end) for start, end in row["spans"])
            row["negatives"] = tuple(row["negatives"])
            yield Example(**row)
