"""The interfaces for programs as routes of the server that serves the page."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from starlette.routing import Mount, Route

from rag.errors import ConfigError
from rag.interfaces import Interfaces
from rag.ui.operation.routes import operation_routes
from rag.ui.operation.watched import Operation
from rag.ui.programs.guard import Guard
from rag.ui.programs.openai import openai_app
from rag.ui.protocol import Pipeline
from rag.ui.viewer.routes import viewer_route

API_PATH = "/v1"
MCP_PATH = "/mcp"
_MCP_INSTALL = 'pip install -c constraints.txt ".[mcp]"'


def check_installed(interfaces: Interfaces) -> None:
    """Make sure that the packages for `interfaces` are installed.

    Raises:
        ConfigError: One is missing.
    """
    if interfaces.mcp and find_spec("mcp") is None:
        raise ConfigError(f"the MCP tools need the package mcp; run: {_MCP_INSTALL}")


def app_arguments(
    pipeline: Pipeline,
    interfaces: Interfaces,
    operation: Operation,
) -> Mapping[str, object]:
    """What the server's app is given beside the page, over `pipeline`.

    The source viewer, `interfaces`, and what is told of the `operation`.
    """
    told = operation_routes(pipeline, operation)
    routes: list[Mount | Route] = [viewer_route(pipeline), *told]
    arguments: dict[str, object] = {"routes": routes}
    if interfaces.api:
        app = openai_app(pipeline, operation.turns)
        routes.append(Mount(API_PATH, app=Guard(app)))
    if interfaces.mcp:
        from rag.ui.programs.mcp_tools import mcp_app

        tools, arguments["lifespan"] = mcp_app(pipeline)
        guarded = Guard(tools)
        # No GET: that would open a stream on which nothing is ever told.
        routes.append(Route(MCP_PATH, guarded, methods=["POST"]))
    return arguments


def addresses(url: str, interfaces: Interfaces) -> Iterator[str]:
    """What is told about each of `interfaces` once the page is served at `url`."""
    base = url.rstrip("/")
    if interfaces.api:
        yield f"OpenAI-compatible API: {base}{API_PATH}"
    if interfaces.mcp:
        yield f"MCP tools: {base}{MCP_PATH}"
