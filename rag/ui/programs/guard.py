"""Who may call the interfaces for programs, and how much at once."""

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.ui.programs.errors import ApiError, error_response

MAX_BODY_BYTES = 1_000_000
MAX_OPEN_REQUESTS = 16
_JSON = "application/json"


class Guard:
    """Refuses what no program of this machine's user would send, before any of it is read.

    - Requests that a web page of another origin makes: a browser names that origin.
    - Posts that are not declared as JSON: a plain form of any web site can be posted here
      without asking first, but not with that content type.
    - Posts of unknown length or of more than `MAX_BODY_BYTES`.
    - More than `MAX_OPEN_REQUESTS` at once.
    - Requests without the bearer token, if one is set.

    Args:
        app: What is guarded.
        token: Empty means that none is demanded.
    """

    def __init__(self, app: ASGIApp, token: str = "") -> None:
        self.app = app
        self._token = token.encode("utf-8")
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
            await self.app(scope, receive, send)
        finally:
            self._n_open -= 1

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        _check_origin(scope["scheme"], headers)
        self._check_token(headers)
        if scope["type"] == "http" and scope["method"] == "POST":
            _check_body(headers)
        if self._n_open >= MAX_OPEN_REQUESTS:
            message = f"{self._n_open} requests are open; wait for one of them"
            raise ApiError(503, message, "overloaded", headers={"Retry-After": "1"})

    def _check_token(self, headers: Headers) -> None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        is_right = secrets.compare_digest(given.strip().encode("utf-8"), self._token)
        if self._token and not (is_right and scheme.lower() == "bearer"):
            message = "give the bearer token that RAG_API_TOKEN holds on the server"
            raise ApiError(401, message, "invalid_api_key", headers={"WWW-Authenticate": "Bearer"})


def _check_origin(scheme: str, headers: Headers) -> None:
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
