"""A lock for threads that are to have their turn in the order in which they ask for it."""

import threading
from collections import deque
from types import TracebackType


class FirstComeLock:
    """Held by one thread at a time, first come first served; not reentrant.

    `threading.Lock` keeps no order: who lets it go and asks for it again at once mostly gets it
    again, however many wait.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        # Of each thread that holds or wants the lock; the first one's is open.
        self._line: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        mine = threading.Event()
        with self._changing:
            self._line.append(mine)
            self._open_first()
        try:
            mine.wait()
        except BaseException:  # Ctrl-C: those behind must not wait for who has gone.
            self._leave(mine)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave(self._line[0])

    def _leave(self, mine: threading.Event) -> None:
        with self._changing:
            self._line.remove(mine)
            self._open_first()

    def _open_first(self) -> None:
        if self._line:
            self._line[0].set()
