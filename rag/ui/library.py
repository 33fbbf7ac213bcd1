"""What is being put on the shelf or taken off it, beside the questions that go on meanwhile."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rag.index import Generation
from rag.intake import Progress, Step, Tell, take_in, take_out
from rag.keeping import discard, discard_abandoned
from rag.ui.protocol import TOLD_ERRORS, Pipeline
from rag.ui.words import both
from rag.uploads import Incoming, stage

logger = logging.getLogger(__name__)

_FINISHED = (Step.DONE, Step.UNCHANGED, Step.REFUSED, Step.REMOVED)
_FAILED = both(
    "服务器出了故障，见其日志；请重试。", "the server has failed, see its log; try again"
)
# So often a watcher looks up even though nothing was told, so that a closed page ends its watch.
_LOOK_UP_SECONDS = 5.0

Job = Callable[[Tell], None]


@dataclass(frozen=True, slots=True)
class Line:
    """A file or report, and how far it is."""

    name: str
    progress: Progress


class Library:
    """Changes the shelf under a running pipeline, one change after the other.

    Changes are made in threads of their own: they go on when the page that asked for them is
    closed. Safe to use from several threads.

    Args:
        pipeline: Takes over each new generation of the index.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        discard_abandoned(pipeline.config)
        self._changing = threading.Lock()
        self._told = threading.Condition()
        self._lines: dict[int, Line] = {}
        self._n_lines = 0
        self._n_jobs = 0
        self._n_told = 0

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is under way, and what came of the rest since the shelf last was at rest."""
        with self._told:
            return tuple(self._lines.values())

    def add(self, files: Sequence[Path]) -> None:
        """Begin to put files on the shelf; each is gone from where it lies.

        Raises:
            ConfigError: The folder for given files cannot be written.
        """
        config = self.pipeline.config
        incoming: list[Incoming] = []
        try:
            for file in dict.fromkeys(files):
                incoming.append(stage(file, config))
        finally:  # Those that were taken over before an error are not lost.
            if incoming:
                names = [file.name for file in incoming]
                job = partial(self._take_in, incoming)
                self._start(names, Step.WAITING, job, Step.DONE)

    def remove(self, document_id: str) -> None:
        """Begin to take a report off the shelf."""
        document = self.pipeline.documents.get(document_id)
        name = document.title if document else document_id
        job = partial(self._take_out, document_id)
        self._start([name], Step.REMOVING, job, Step.REMOVED)

    def watch(self) -> Iterator[bool]:
        """Whether a change is under way: at once, after each step, and when all is done."""
        is_busy, seen = self._look(-1)
        yield is_busy
        while is_busy:
            is_busy, seen = self._look(seen)
            yield is_busy

    def _look(self, seen: int) -> tuple[bool, int]:
        """Wait until more was told than `seen`; whether a change is under way, and what is told."""
        with self._told:
            self._told.wait_for(lambda: self._n_told != seen, _LOOK_UP_SECONDS)
            return self._n_jobs > 0, self._n_told

    def _start(self, names: Sequence[str], first_step: Step, job: Job, last_step: Step) -> None:
        with self._told:
            if self._n_jobs == 0:
                self._lines.clear()
            first = self._n_lines
            self._n_lines += len(names)
            self._n_jobs += 1
            for number, name in enumerate(names, first):
                self._lines[number] = Line(name, Progress(first_step))
            self._tell_watchers()
        numbers = range(first, first + len(names))
        # A daemon: whoever stops the server need not wait, since the old index stays in use.
        threading.Thread(target=self._run, args=(job, numbers, last_step), daemon=True).start()

    def _run(self, job: Job, numbers: range, last_step: Step) -> None:
        last = Progress(Step.REFUSED, _FAILED)
        try:
            with self._changing:
                job(partial(self._tell, numbers))
            last = Progress(last_step)
        except TOLD_ERRORS as exc:
            logger.warning("the shelf was not changed: %s", exc)
            last = Progress(Step.REFUSED, str(exc))
        finally:
            self._end(numbers, last)

    def _end(self, numbers: range, last: Progress) -> None:
        """Give its last step to each line that has none yet."""
        with self._told:
            for number in numbers:
                if self._lines[number].progress.step not in _FINISHED:
                    self._set(number, last)
            self._n_jobs -= 1
            self._tell_watchers()

    def _take_in(self, incoming: Sequence[Incoming], tell: Tell) -> None:
        try:
            made = take_in(incoming, self.pipeline.encoder, self.pipeline.config, tell)
        finally:
            for file in incoming:
                discard(file)
        if made is not None:
            self._take_over(made)

    def _take_out(self, document_id: str, _: Tell) -> None:
        self._take_over(take_out([document_id], self.pipeline.config))

    def _take_over(self, made: Generation) -> None:
        # What stays of the shelf is in memory already.
        self.pipeline.take_over(made.open(self.pipeline.index))

    def _tell(self, lines: range, numbers: Sequence[int], progress: Progress) -> None:
        with self._told:
            for number in numbers:
                self._set(lines[number], progress)
            self._tell_watchers()

    def _set(self, number: int, progress: Progress) -> None:
        self._lines[number] = replace(self._lines[number], progress=progress)

    def _tell_watchers(self) -> None:
        self._n_told += 1
        self._told.notify_all()
