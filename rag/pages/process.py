"""Drawing in a process of its own: a crash, a hang or a bomb there harms nothing here."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.pages.light import Box, Light, Wanted
from rag.pages.request import PageRequest, encode_request
from rag.parsing.process import run_worker

_MAX_SECONDS = 20.0
_WORKER = (sys.executable, "-m", "rag.pages")


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it looks.

    Attributes:
        png: The picture, a PNG file in base64.
        width: In pixels.
        height: In pixels.
        light: Where the wanted text stands; None if it was not found on the page.
    """

    png: str
    width: int
    height: int
    light: Light | None


def draw(
    data: bytes,
    name: str,
    number: int,
    wanted: Wanted,
    max_seconds: float = _MAX_SECONDS,
    worker: Sequence[str] = _WORKER,
) -> Picture:
    """The page `number`, from 1, of a PDF.

    Args:
        data: The bytes of the PDF.
        name: Its name, with which each message begins.
        number: Which page.
        wanted: What is looked for on it.
        max_seconds: Time limit, wall-clock.
        worker: The command of the worker process; `name` is added to it.

    Raises:
        DocumentError: The file cannot be drawn, takes too long, or has no such page.
    """
    late = f"page {number} is not drawn after {max_seconds:g} seconds"
    given = encode_request(PageRequest(number, wanted, data))
    record = run_worker([*worker, name], given, name, max_seconds, late)
    return Picture(record["png"], record["width"], record["height"], _light(record["light"]))


def _light(record: Any) -> Light | None:  # noqa: ANN401 (as the worker wrote it)
    if record is None:
        return None
    evidence, answers = (
        tuple(Box(**box) for box in record[part]) for part in ("evidence", "answers")
    )
    return Light(evidence, answers)
