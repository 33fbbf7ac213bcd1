"""How often each client may come: a token bucket for each."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_CLIENTS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    seen: float


class Buckets:
    """Token buckets by the name of a client. Safe in several threads.

    Args:
        capacity: Requests that may come at once.
        per_second: Requests that may come again each second.
        clock: Seconds; for tests.
    """

    def __init__(
        self, capacity: float, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str) -> float:
        """Seconds after which `client` may come again; 0 if it may now, which is then counted."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.pop(client, None) or _Bucket(self._capacity, now)
            refilled = bucket.left + (now - bucket.seen) * self._per_second
            bucket.left, bucket.seen = min(self._capacity, refilled), now
            self._buckets[client] = bucket  # As the latest.
            if len(self._buckets) > MAX_CLIENTS:
                self._buckets.popitem(last=False)
            if bucket.left >= 1:
                bucket.left -= 1
                return 0.0
            return (1 - bucket.left) / self._per_second
