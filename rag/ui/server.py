"""Serving the page to who may enter, with everything that could leave the machine switched off."""

import errno
import ipaddress
import logging
import os
import socket
from collections.abc import Callable

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from rag.accounts import Accounts
from rag.config import RagConfig
from rag.errors import ConfigError
from rag.interfaces import Interfaces
from rag.ui.assets import asset
from rag.ui.drops import MAX_DROP_BYTES, DropLimitMiddleware
from rag.ui.entrance.gate import Gate
from rag.ui.entrance.headers import SecurityHeadersMiddleware
from rag.ui.entrance.temporary import use_private_folder
from rag.ui.gradio_words import gradio_words
from rag.ui.operation.stopping import MAX_STOP_SECONDS, finish, stopped_by_signals
from rag.ui.operation.watched import Operation, watched
from rag.ui.page import build_app
from rag.ui.programs.routes import addresses, app_arguments, check_installed
from rag.ui.protocol import Pipeline
from rag.ui.theme import theme

logger = logging.getLogger(__name__)

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860
_MAX_PORT = 65535
_PAGE_ONLY = Interfaces()
_EVERYBODY = Accounts()
_MIN_TOKEN_CHARS = 16
_OTHER_THREADS = 40
_NO_STATISTICS = {
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9),
}
_STYLES = ("style.css", "conversations.css", "library.css", "viewer/viewer.css")
_SCRIPTS = ("gradio_words.js", "language.js", "page.js", "viewer/viewer.js")


def serve(
    open_pipeline: Callable[[], Pipeline],
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    interfaces: Interfaces = _PAGE_ONLY,
    accounts: Accounts = _EVERYBODY,
    announce: Callable[[str], None] = print,
) -> None:
    """Open the pipeline, serve the page until it is asked to stop, and finish what is under way.

    Args:
        open_pipeline: Called once the address is known to be usable: opening may take minutes.
        host: An IPv4 address; one that is not loopback demands accounts.
        port: A free port.
        interfaces: What is served to programs beside the page.
        accounts: Who may enter.
        announce: Told where the page is, once it is up.

    Raises:
        ConfigError: The address cannot be used or demands accounts, the port is taken, or a
            package is missing.
    """
    check_address(host, port, accounts)
    check_installed(interfaces)
    pipeline = open_pipeline()
    operation = Operation.of(pipeline.config)
    with stopped_by_signals(operation):  # Before anything lies in the folder of given files.
        app = launch(pipeline, host, port, interfaces, accounts, operation)
        for line in addresses(str(app.local_url), interfaces):
            announce(line)
        announce(f"报告问答 Report QA: {app.local_url} (Ctrl-C to stop)")
        operation.is_stopping.wait()
        if not finish(operation, pipeline.config):
            logger.warning("stopped before all was done: it took more than %g s", MAX_STOP_SECONDS)
    app.close(verbose=False)


def launch(
    pipeline: Pipeline,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    interfaces: Interfaces = _PAGE_ONLY,
    accounts: Accounts = _EVERYBODY,
    operation: Operation | None = None,
) -> gr.Blocks:
    """The page over `pipeline`, being served from a thread of its own; `close()` ends it.

    Raises:
        ConfigError: As for `serve`.
    """
    check_address(host, port, accounts)
    check_installed(interfaces)
    use_private_folder()
    # Gradio would keep 10,000 events and go through all of them after each, for a page of
    # statistics that nobody can open here; `rag.ui.operation.metrics` counts.
    os.environ.update(_NO_STATISTICS)
    operation = operation or Operation.of(pipeline.config)
    pipeline = watched(pipeline, operation)
    app = build_app(pipeline, can_sign_out=accounts.are_demanded)
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
        max_file_size=MAX_DROP_BYTES,
        i18n=gradio_words(),
        state_session_capacity=1000,
        # Each question that waits takes one; the others are for what is over at once.
        max_threads=pipeline.config.max_waiting + _OTHER_THREADS,
        theme=theme(),
        css="\n".join(map(asset, _STYLES)),
        head="".join(f"<script>{asset(name)}</script>" for name in _SCRIPTS),
        app_kwargs={
            "middleware": _middleware(host, accounts, pipeline.config, operation),
            **app_arguments(pipeline, interfaces, operation),
        },
    )
    return app


def check_address(host: str, port: int, accounts: Accounts = _EVERYBODY) -> None:
    """Make sure that `host` and `port` can be listened on, and not by everybody on a network.

    Raises:
        ConfigError: They cannot, or nobody would have to sign in.
    """
    if not _is_loopback(host):
        _check_accounts(host, accounts)
    if not 1 <= port <= _MAX_PORT:
        raise ConfigError(f"port is {port}; expected 1 to {_MAX_PORT}")
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as exc:
        if exc.errno != errno.EADDRINUSE:
            raise ConfigError(f"cannot listen on {host}:{port}: {exc}") from exc
        raise ConfigError(f"port {port} is in use; give another one with --port") from exc


def _check_accounts(host: str, accounts: Accounts) -> None:
    if _ipv4(host) is None:
        raise ConfigError(f"host is {host!r}; expected an IPv4 address, such as 127.0.0.1")
    if not accounts.are_demanded:
        raise ConfigError(
            f"other machines reach {host}, and nobody would have to sign in: name users with "
            "rag user add NAME, or set RAG_API_TOKEN; or stay on 127.0.0.1, loopback only (from "
            "another machine: ssh -L 7860:127.0.0.1:7860)"
        )
    if accounts.token and len(accounts.token) < _MIN_TOKEN_CHARS:
        raise ConfigError(
            f"RAG_API_TOKEN has {len(accounts.token)} characters; where other machines reach the "
            f"server it must have {_MIN_TOKEN_CHARS} or more"
        )


def _is_loopback(host: str) -> bool:
    address = _ipv4(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _ipv4(host: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(host)
    except ValueError:
        return None


def _middleware(
    host: str, accounts: Accounts, config: RagConfig, operation: Operation
) -> list[Middleware]:
    # A foreign Host header on loopback is DNS rebinding: some web site's name that was made to
    # point here, so that its pages may read the answers. Elsewhere a server has names that it
    # does not know itself; there the cookie, which belongs to one name, keeps such pages out.
    allowed = sorted({host, "127.0.0.1", "localhost"}) if _is_loopback(host) else ["*"]
    return [
        Middleware(SecurityHeadersMiddleware),
        Middleware(TrustedHostMiddleware, allowed_hosts=allowed),
        Middleware(
            Gate,
            accounts=accounts,
            max_requests_per_minute=config.max_requests_per_minute,
            is_stopping=operation.is_stopping,
        ),
        Middleware(DropLimitMiddleware),
    ]
