"""Who is signed in, by the secret that the browser's cookie holds."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

MAX_SESSION_SECONDS = 12 * 3600
MAX_SESSIONS = 1000
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class _Session:
    user: str
    ends: float


class Sessions:
    """The sessions of one server; they end with it. Safe in several threads.

    Only hashes of the secrets are kept: looking one up takes a time that tells nothing about it.

    Args:
        clock: Seconds; for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}

    def open(self, user: str) -> str:
        """The secret of a new session of `user`; the oldest one ends if there are too many."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        now = self._clock()
        with self._lock:
            lasting = {key: each for key, each in self._sessions.items() if each.ends > now}
            for oldest in list(lasting)[: max(0, len(lasting) - MAX_SESSIONS + 1)]:
                del lasting[oldest]
            lasting[_hash(secret)] = _Session(user, now + MAX_SESSION_SECONDS)
            self._sessions = lasting
        return secret

    def user_of(self, secret: str) -> str | None:
        """Whose session it is; None if there is no such session, or no more."""
        session = self._sessions.get(_hash(secret))
        return session.user if session and session.ends > self._clock() else None

    def close(self, secret: str) -> None:
        """End a session, if there is one."""
        with self._lock:
            self._sessions.pop(_hash(secret), None)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
