"""How much may be dropped on the page at once.

The limit on one report is not this one: Gradio would refuse a whole drop for one file that is too
big. Files of any size within a drop are let through, and each is checked before it is read.
"""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.ui.words import both

MAX_DROP_BYTES = 2_000_000_000
_UPLOADS = "/gradio_api/upload"
_REFUSED = both(
    f"一次最多给 {MAX_DROP_BYTES // 10**9} GB；请分几次拖放。",
    f"At most {MAX_DROP_BYTES // 10**9} GB can be given at once; drop fewer files at a time.",
)


class DropLimitMiddleware:
    """Refuses uploads of unknown length or of more than `MAX_DROP_BYTES` in all, unread."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one request."""
        app = self.app
        if scope["type"] == "http" and scope["path"] == _UPLOADS:
            length = Headers(scope=scope).get("content-length", "")
            if not length.isdecimal():
                app = PlainTextResponse("the upload tells no Content-Length", 411)
            elif int(length) > MAX_DROP_BYTES:
                app = PlainTextResponse(_REFUSED, 413)
        await app(scope, receive, send)
