"""The wish to have no answer any more; it reaches a question that still waits, too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class StopRequest:
    """Whether whoever asked wants no answer any more; one for each window of the page.

    Gradio's own `cancels` ends runs at its leisure, so that one may hit the run of a retry.

    Attributes:
        is_made: True from the wish until the next question is asked.
    """

    is_made: bool = False
    _tell: Callable[[], None] | None = None

    def make(self) -> None:
        """Stop; whoever is to be told is told at once."""
        self.is_made = True
        if tell := self._tell:
            tell()

    @contextmanager
    def telling(self, tell: Callable[[], None]) -> Iterator[None]:
        """Meanwhile `tell` is called when the wish is made, or now if it has been.

        It may be called twice: when both happen at once.
        """
        self._tell = tell
        try:
            if self.is_made:
                tell()
            yield
        finally:
            if self._tell is tell:
                self._tell = None
