"""How the program was called: what each subcommand is given."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rag.config import RagConfig


@dataclass(frozen=True, slots=True)
class Invocation:
    """How the program was called.

    Attributes:
        config: The settings in force.
        given: The settings that the command line set.
        as_json: Print records, not text for people.
    """

    config: RagConfig
    given: Mapping[str, object]
    as_json: bool = False


def shows_progress() -> bool:
    """True if there is a person to watch a progress bar."""
    return sys.stderr.isatty()
