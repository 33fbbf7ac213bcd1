"""A shelf that changes while it is asked, and the proof that an answer is of one state of it."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from rag.index import Index
from rag.intake import Step
from rag.output import Record
from rag.pipeline import RagPipeline
from rag.ui.library import Library
from rag.ui.protocol import Pipeline

CHANGING_NAME = "changing"
CHANGING_QUESTION = "甲县修路多少公里？"
_FINISHED = (Step.DONE, Step.UNCHANGED, Step.REMOVED)
# In cycles of this many changes the report comes, is replaced, and goes.
_CYCLE = 4


def changing_report(number: int) -> str:
    """The report that comes and goes: in each version another figure, at another place."""
    revisions = "".join(f"第{n}次修订。" for n in range(1 + number % 9))
    return f"甲县道路报告\n{revisions}\n2019年，甲县修路{300 + number}公里，架桥12座。\n"


@dataclass(slots=True)
class _Generation:
    """The texts of one generation, and when an answer may have come from it (seconds)."""

    texts: Mapping[str, str]
    began: float
    ended: float = float("inf")


class Generations:
    """A pipeline that keeps the texts of each generation it takes over; else as it was."""

    def __init__(self, pipeline: RagPipeline) -> None:
        self._pipeline = pipeline
        self._changing = threading.Lock()
        self._known: dict[str, str] = {}
        self._all = [_Generation(self._texts(pipeline.index), time.perf_counter())]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (the pipeline's own)
        return getattr(self._pipeline, name)

    @property
    def n_changes(self) -> int:
        """Generations that were taken over."""
        return len(self._all) - 1

    def take_over(self, index: Index) -> None:
        """As the pipeline's."""
        new = _Generation(self._texts(index), time.perf_counter())
        with self._changing:
            self._all.append(new)
        self._pipeline.take_over(index)
        self._all[-2].ended = time.perf_counter()

    def problem(self, record: Record, began: float, ended: float) -> str:
        """Why an answer, asked and answered at these seconds, is of no generation; or empty.

        Each citation and each passage must be, character for character, what one generation that
        was in use meanwhile says at that place; the same one for all of them.
        """
        with self._changing:
            possible = [g for g in self._all if g.began <= ended and began <= g.ended]
        if any(_is_of(record, generation.texts) for generation in possible):
            return ""
        return f"no generation of {len(possible)} says what is cited: {record}"

    def _texts(self, index: Index) -> dict[str, str]:
        """The texts by report, equal ones kept once: what is measured is the server's memory."""
        texts = {name: document.text for name, document in index.documents.items()}
        keys = {name: sha256(text.encode()).hexdigest() for name, text in texts.items()}
        return {name: self._known.setdefault(keys[name], texts[name]) for name in texts}


def _is_of(record: Record, texts: Mapping[str, str]) -> bool:
    cited = cast("list[Record]", record["citations"])
    quotations = [*cited, *cast("list[Record]", record["passages"])]
    return all(_quotes(each, texts) for each in quotations)


def _quotes(quotation: Record, texts: Mapping[str, str]) -> bool:
    text = texts.get(str(quotation["document"]))
    start, end = cast("int", quotation["start"]), cast("int", quotation["end"])
    return text is not None and text[start:end] == quotation["text"]


@contextmanager
def changing(pipeline: Generations, folder: Path, pause_seconds: float) -> Iterator[None]:
    """Reports are added, replaced and removed meanwhile, as the page does it.

    Raises:
        RuntimeError: At the end, if a change was refused or failed.
    """
    ends, refused = threading.Event(), list[str]()

    def change() -> None:
        library, number = Library(cast(Pipeline, pipeline)), 0
        while not ends.wait(pause_seconds):
            try:
                _change(library, number, folder)
            except Exception as exc:  # noqa: BLE001 (raised where the changes were asked for)
                refused.append(repr(exc))
                return
            refused.extend(
                f"{line.name}: {line.progress.reason}"
                for line in library.lines
                if line.progress.step not in _FINISHED
            )
            number += 1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()
    if refused:
        raise RuntimeError(f"the shelf could not be changed: {refused}")


def _change(library: Library, number: int, folder: Path) -> None:
    is_there = CHANGING_NAME in library.pipeline.documents
    if is_there and number % _CYCLE == _CYCLE - 1:
        library.remove(CHANGING_NAME)
    else:
        file = folder / f"{CHANGING_NAME}.txt"
        file.write_text(changing_report(number), encoding="utf-8")
        library.add([file])
    for is_busy in library.watch():
        if not is_busy:
            return
