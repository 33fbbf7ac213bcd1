"""What a program may send, and how much at once; `rag.ui.entrance` says who may."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.logs import new_request_id, within_request
from rag.ui.programs.errors import ApiError, error_response

MAX_BODY_BYTES = 1_000_000
# More than can wait for their turn, so that it is there that the callers are treated alike.
MAX_OPEN_REQUESTS = 64
_JSON = "application/json"


class Guard:
    """Refuses what no program of this machine's user would send, before any of it is read.

    - Requests that a web page of another origin makes: a browser names that origin.
    - Posts that are not declared as JSON: a plain form of any web site can be posted here
      without asking first, but not with that content type.
    - Posts of unknown length or of more than `MAX_BODY_BYTES`.
    - More than `MAX_OPEN_REQUESTS` at once.

    The response tells the id under which the request is logged, as `X-Request-Id`.

    Args:
        app: What is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._n_open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one request."""
        try:
            self._check(scope)
        except ApiError as error:
            await error_response(error)(scope, receive, send)
            return
        self._n_open += 1
        try:
            await self._serve(scope, receive, send)
        finally:
            self._n_open -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = new_request_id()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])  # ASGI does not demand them.
                MutableHeaders(scope=message)["X-Request-Id"] = given
            await send(message)

        with within_request(given):
            await self.app(scope, receive, send_with_id)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        check_origin(scope["scheme"], headers)
        if scope["type"] == "http" and scope["method"] == "POST":
            _check_body(headers)
        if self._n_open >= MAX_OPEN_REQUESTS:
            message = f"{self._n_open} requests are open; wait for one of them"
            raise ApiError(503, message, "overloaded", headers={"Retry-After": "1"})


def check_origin(scheme: str, headers: Headers) -> None:
    """Raise ApiError if a browser says that a page of another origin sends the request."""
    own = f"{scheme}://{headers.get('host', '')}"
    is_own = headers.get("origin", own) == own
    if not is_own or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        message = "web pages of other origins may not use this interface"
        raise ApiError(403, message, "cross_origin")


def _check_body(headers: Headers) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON:
        message = f"the content type is {kind or 'missing'}; expected {_JSON}"
        raise ApiError(415, message, "unsupported_content_type")
    length = headers.get("content-length", "")
    if not length.isdecimal():
        raise ApiError(411, "the request tells no Content-Length", "length_required")
    if int(length) > MAX_BODY_BYTES:
        message = f"the request has {length} bytes; at most {MAX_BODY_BYTES} are read"
        raise ApiError(413, message, "request_too_large")
