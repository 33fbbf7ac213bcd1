"""Who makes a request of the page, as the gate has found."""

import gradio as gr

from rag.accounts import LOCAL_USER
from rag.ui.entrance.gate import USER_KEY
from rag.ui.operation.callers import caller_name


def user_of(request: gr.Request | None) -> str:
    """The user's name; empty for the local user, and where no server stands before the page."""
    if request is None or request.request is None:
        return LOCAL_USER
    # Without a default: behind a server the gate has always said who it is.
    return str(request.request.scope[USER_KEY])


def caller_of(request: gr.Request | None) -> str:
    """Who asks, as `rag.ui.operation.callers` names it: this window of the page."""
    if request is None:
        return ""
    address = request.client.host if request.client else ""
    return caller_name(user_of(request), address, request.session_hash or "")
