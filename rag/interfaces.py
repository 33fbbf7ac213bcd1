"""Which interfaces for programs are served beside the page."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Interfaces:
    """What is served to programs; nothing unless asked for.

    Attributes:
        api: The HTTP interface in OpenAI's form, under `/v1`.
        mcp: The tools of the Model Context Protocol, at `/mcp`.
        token: Bearer token that both demand; empty means none. Never printed.
    """

    api: bool = False
    mcp: bool = False
    token: str = field(default="", repr=False)
