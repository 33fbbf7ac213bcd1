"""What the wiring of all the page's events has in common."""

from collections.abc import Mapping
from typing import Any

Values = tuple[Any, ...]  # Any: Gradio takes values and updates of every component alike.

PRIVATE: Mapping[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Of an event that is the page's own: no endpoint for programs, no overlay over its outputs."""

ASKS: Mapping[str, Any] = {"concurrency_limit": None}
"""Of one that asks the pipeline, where it waits for its turn: Gradio's line knows no callers."""

QUICK: Mapping[str, Any] = {**PRIVATE, "queue": False}
"""Of one that is over at once and thus waits for no question."""
