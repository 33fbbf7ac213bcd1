"""What the drawing process is asked: a line of JSON, then the PDF."""

import json
from dataclasses import asdict, dataclass

from rag.pages.light import Wanted
from rag.types import Span


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page, from 1, of a PDF, and what is looked for on it."""

    number: int
    wanted: Wanted
    data: bytes


def encode_request(request: PageRequest) -> bytes:
    """The request as it is written to the process."""
    line = json.dumps({"number": request.number, "wanted": asdict(request.wanted)})
    return line.encode() + b"\n" + request.data


def decode_request(given: bytes) -> PageRequest:
    """The request that was written."""
    line, _, data = given.partition(b"\n")
    record = json.loads(line)
    answers = tuple(Span(**span) for span in record["wanted"]["answers"])
    return PageRequest(record["number"], Wanted(**(record["wanted"] | {"answers": answers})), data)
