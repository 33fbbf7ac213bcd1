"""Who asks, so that callers come in turns: a window of the page, or a program."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_caller: ContextVar[str] = ContextVar("caller", default="")


def caller() -> str:
    """The caller in this context; empty outside of a request."""
    return _caller.get()


@contextmanager
def called_by(name: str) -> Iterator[None]:
    """What is asked meanwhile, in this context, is asked by `name`."""
    token = _caller.set(name)
    try:
        yield
    finally:
        _caller.reset(token)


def caller_name(user: str, address: str, window: str = "") -> str:
    """One name for each window of each user, and for each address that programs call from."""
    return f"{user}@{address} window {window}" if window else f"{user}@{address}"


@contextmanager
def on_behalf_of(end_user: str) -> Iterator[None]:
    """What is asked meanwhile, in this context, is asked by a program for one of its own users."""
    with called_by(f"{caller()} for {end_user}"):
        yield
