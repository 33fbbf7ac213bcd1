"""Who asks, so that callers come in turns: a window of the page, or a program."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rag.ui.operation.stop_request import StopRequest

_caller: ContextVar[str] = ContextVar("caller", default="")
_stopping: ContextVar[StopRequest | None] = ContextVar("stopping", default=None)


def caller() -> str:
    """The caller in this context; empty outside of a request."""
    return _caller.get()


def stop_request() -> StopRequest | None:
    """How the caller in this context stops a question; None if that is not possible."""
    return _stopping.get()


@contextmanager
def called_by(name: str, stopping: StopRequest | None = None) -> Iterator[None]:
    """What is asked meanwhile, in this context, is asked by `name`, who stops it by `stopping`."""
    caller_before, stopping_before = _caller.set(name), _stopping.set(stopping)
    try:
        yield
    finally:
        _caller.reset(caller_before)
        _stopping.reset(stopping_before)


def caller_name(user: str, address: str, window: str = "") -> str:
    """One name for each window of each user, and for each address that programs call from."""
    return f"{user}@{address} window {window}" if window else f"{user}@{address}"


@contextmanager
def on_behalf_of(end_user: str) -> Iterator[None]:
    """What is asked meanwhile, in this context, is asked by a program for one of its own users."""
    with called_by(f"{caller()} for {end_user}"):
        yield
