"""The gate in front of everything that is served: page, its endpoints, programs, viewer."""

import threading
from urllib.parse import parse_qs

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.accounts import LOCAL_USER, Accounts
from rag.ui.entrance.buckets import Buckets
from rag.ui.entrance.login import LOGIN_PATH, LOGOUT_PATH, login_page, logout_page
from rag.ui.entrance.sessions import MAX_SESSION_SECONDS, Sessions
from rag.ui.operation.callers import called_by, caller_name
from rag.ui.operation.routes import HEALTH_PATH
from rag.ui.operation.watched import stopping
from rag.ui.programs.errors import ApiError, error_response, told_error
from rag.ui.programs.guard import check_origin
from rag.ui.viewer.place import PREFIX

COOKIE = "report_qa_session"
USER_KEY = "report_qa.user"
"""Under this name the scope of a request tells who makes it."""

# Gradio asks this of itself when it starts; it begins nothing that has begun.
_OPEN = frozenset({"/gradio_api/startup-events", HEALTH_PATH})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_COSTLY = f"/{PREFIX}/"
_MAX_FORM_BYTES = 4096
_BURST_SECONDS = 12
_LOGINS_AT_ONCE, _LOGINS_PER_SECOND = 10, 0.1
# So many times as many for a name from all addresses together, and for an address with all names:
# one who guesses from one place can hold up neither a person elsewhere nor the others there.
_WIDER = 10


class Gate:
    """Lets in who has signed in, if that is demanded, and nobody too often.

    - Requests that change something and that a web page of another origin makes are refused.
    - Without accounts everybody is the local user. Otherwise a request needs the bearer token or
      the cookie of a session; a browser that has none is led to the login, a program is told.
    - Once the server is being stopped, requests that make work get 503.
    - Requests that make work, and those of strangers, are limited for each client: each signed-in
      user, or each address.

    Args:
        app: What is guarded.
        accounts: Who may enter.
        max_requests_per_minute: Of one client; 0 means no limit.
        is_stopping: Set when nothing new is to begin.
    """

    def __init__(
        self,
        app: ASGIApp,
        accounts: Accounts,
        max_requests_per_minute: int,
        is_stopping: threading.Event,
    ) -> None:
        self.app = app
        self._is_stopping = is_stopping
        self._accounts = accounts
        self._sessions = Sessions()
        per_second = max_requests_per_minute / 60
        self._requests = (
            Buckets(max(1.0, per_second * _BURST_SECONDS), per_second) if per_second else None
        )
        self._logins = Buckets(_LOGINS_AT_ONCE, _LOGINS_PER_SECOND)
        self._all_logins = Buckets(_WIDER * _LOGINS_AT_ONCE, _WIDER * _LOGINS_PER_SECOND)
        self._hashing = CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, refuse or redirect one request."""
        if scope["type"] == "websocket":  # Nothing here uses them.
            await send({"type": "websocket.close", "code": 1008})
            return
        response = None
        if scope["type"] == "http":
            try:
                response = await self._answer(Request(scope, receive))
            except ApiError as error:
                response = error_response(error)
        if self._accounts.are_demanded:
            send = _unkept(send)
        address = _address(Request(scope)) if scope["type"] == "http" else ""
        with called_by(caller_name(scope.get(USER_KEY, ""), address)):
            await (response or self.app)(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """What is answered in place of the app; None if the request may pass."""
        path = request.scope["path"]
        if request.method not in _SAFE:
            check_origin(request.scope["scheme"], request.headers)
        if path in _OPEN:
            return None
        if self._accounts.are_demanded and path == LOGIN_PATH:
            return await self._login(request)
        if self._accounts.are_demanded and path == LOGOUT_PATH:
            return self._logout(request)
        user = self._user(request)
        makes_work = request.method not in _SAFE or path.startswith(_COSTLY)
        if user is None or makes_work:
            self._count(user or _address(request))
        if user is None:
            return _demand(request)
        if makes_work and self._is_stopping.is_set():
            raise told_error(stopping())
        request.scope[USER_KEY] = user
        return None

    def _user(self, request: Request) -> str | None:
        if not self._accounts.are_demanded:
            return LOCAL_USER
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._accounts.is_token(given.strip()):
            return LOCAL_USER
        return self._sessions.user_of(request.cookies.get(COOKIE, ""))

    def _count(self, client: str) -> None:
        if self._requests and (wait := self._requests.take(client)):
            raise _too_often(wait)

    async def _login(self, request: Request) -> Response:
        if request.method in _SAFE:
            return login_page()
        form = await _form(request)
        name, secret = form.get("name", ""), form.get("secret", "")
        self._count_login(_address(request), name.strip().lower())
        user = await to_thread.run_sync(self._accounts.user, name, secret, limiter=self._hashing)
        if user is None:
            return login_page(is_wrong=True)
        response = RedirectResponse("./", 303)
        response.set_cookie(
            COOKIE,
            self._sessions.open(user),
            max_age=MAX_SESSION_SECONDS,
            secure=request.scope["scheme"] == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    def _count_login(self, address: str, name: str) -> None:
        """Refuse one that comes too often; what is refused counts no further."""
        if wait := self._logins.take(f"{address} {name}"):
            raise _too_often(wait)
        # Against one who guesses at all names, and against many who guess at one.
        for client in (f"at {address}", f"as {name}"):
            if wait := self._all_logins.take(client):
                raise _too_often(wait)

    def _logout(self, request: Request) -> Response:
        if request.method in _SAFE:
            return logout_page()
        self._sessions.close(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(LOGIN_PATH.lstrip("/"), 303)
        response.delete_cookie(COOKIE)
        return response


def _unkept(send: Send) -> Send:
    """`send` that tells browsers to keep no page, lest the next person goes back to it."""

    async def send_unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
        await send(message)

    return send_unkept


def _demand(request: Request) -> Response:
    """To the login with a person; with a program, what it lacks."""
    if request.method == "HEAD" or "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(LOGIN_PATH, 303)
    message = f"sign in at {LOGIN_PATH}, or give the bearer token that RAG_API_TOKEN holds there"
    raise ApiError(401, message, "invalid_api_key", headers={"WWW-Authenticate": "Bearer"})


def _too_often(seconds: float) -> ApiError:
    wait = str(int(seconds) + 1)
    message = f"too many requests; try again in {wait} seconds"
    return ApiError(429, message, "rate_limit_exceeded", headers={"Retry-After": wait})


async def _form(request: Request) -> dict[str, str]:
    """The first value of each field of a small form.

    Raises:
        ApiError: It is too large.
    """
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > _MAX_FORM_BYTES:
            raise ApiError(413, "the form is too large", "request_too_large")
    fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
