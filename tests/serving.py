"""A running server over a prepared pipeline, and the secrets that its tests look for."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rag.ui.protocol import Pipeline
from rag.ui.server import launch

TOKEN = "token-that-no-log-shows"
PASSWORD = "password-that-no-log-shows"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def served(pipeline: Pipeline, **given: Any) -> Iterator[str]:
    """The address of the page over `pipeline`; `given` is for `launch`."""

    async def start():
        # Within a loop, since Gradio makes (and never closes) loops of its own without one.
        return launch(pipeline, port=free_port(), **given)

    app = asyncio.run(start())
    try:
        yield str(app.local_url)
    finally:
        app.close()
