"""Serving the page on this machine only, with everything that could leave it switched off."""

import errno
import ipaddress
import socket
from collections.abc import Callable

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from rag.errors import ConfigError
from rag.interfaces import Interfaces
from rag.ui.assets import asset
from rag.ui.headers import SecurityHeadersMiddleware
from rag.ui.page import build_app
from rag.ui.programs.routes import addresses, app_arguments, check_installed
from rag.ui.protocol import Pipeline
from rag.ui.theme import theme

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860
_MAX_PORT = 65535
_PAGE_ONLY = Interfaces()
_STYLES = ("style.css", "conversations.css", "library.css", "viewer/viewer.css")
_SCRIPTS = ("language.js", "page.js", "viewer/viewer.js")


def serve(
    open_pipeline: Callable[[], Pipeline],
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    interfaces: Interfaces = _PAGE_ONLY,
    announce: Callable[[str], None] = print,
) -> None:
    """Open the pipeline, serve the page until interrupted, and close it.

    Args:
        open_pipeline: Called once the address is known to be usable: opening may take minutes.
        host: A loopback address.
        port: A free port.
        interfaces: What is served to programs beside the page.
        announce: Told where the page is, once it is up.

    Raises:
        ConfigError: The address is not on loopback, the port is taken, or a package is missing.
    """
    check_address(host, port)
    check_installed(interfaces)
    app = launch(open_pipeline(), host=host, port=port, interfaces=interfaces)
    for line in addresses(str(app.local_url), interfaces):
        announce(line)
    announce(f"报告问答 Report QA: {app.local_url} (Ctrl-C to stop)")
    app.block_thread()


def launch(
    pipeline: Pipeline,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    interfaces: Interfaces = _PAGE_ONLY,
) -> gr.Blocks:
    """The page over `pipeline`, being served from a thread of its own; `close()` ends it.

    Raises:
        ConfigError: The address is not on loopback, the port is taken, or a package is missing.
    """
    check_address(host, port)
    check_installed(interfaces)
    app = build_app(pipeline)
    app.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        inbrowser=False,
        show_error=False,
        strict_cors=True,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        max_file_size=pipeline.config.max_document_bytes,
        state_session_capacity=1000,
        theme=theme(),
        css="\n".join(map(asset, _STYLES)),
        head="".join(f"<script>{asset(name)}</script>" for name in _SCRIPTS),
        app_kwargs={"middleware": _middleware(host), **app_arguments(pipeline, interfaces)},
    )
    return app


def check_address(host: str, port: int) -> None:
    """Make sure that `host` is this machine's loopback and `port` is free.

    Raises:
        ConfigError: It is not.
    """
    if not _is_loopback(host):
        raise ConfigError(
            f"host is {host!r}; the page has no login yet, so it is served on loopback only: "
            "use 127.0.0.1 (from another machine: ssh -L 7860:127.0.0.1:7860)"
        )
    if not 1 <= port <= _MAX_PORT:
        raise ConfigError(f"port is {port}; expected 1 to {_MAX_PORT}")
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as exc:
        if exc.errno != errno.EADDRINUSE:
            raise ConfigError(f"cannot listen on {host}:{port}: {exc}") from exc
        raise ConfigError(f"port {port} is in use; give another one with --port") from exc


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _middleware(host: str) -> list[Middleware]:
    # A foreign Host header on loopback is DNS rebinding: some web site's name that was made to
    # point here, so that its pages may read the answers.
    allowed = sorted({host, "127.0.0.1", "localhost"})
    return [
        Middleware(TrustedHostMiddleware, allowed_hosts=allowed),
        Middleware(SecurityHeadersMiddleware),
    ]
