"""Which interfaces for programs are served beside the page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interfaces:
    """What is served to programs; nothing unless asked for.

    Attributes:
        api: The HTTP interface in OpenAI's form, under `/v1`.
        mcp: The tools of the Model Context Protocol, at `/mcp`.
    """

    api: bool = False
    mcp: bool = False
