"""Refusals of requests, in the form in which OpenAI's interface tells them."""

from collections.abc import Mapping

from starlette.responses import Response

from rag.errors import (
    DeadlineError,
    FilterError,
    QuestionError,
    QueueFullError,
    StoppingError,
)
from rag.output import Record, as_json

_NO_CACHE = {"Cache-Control": "no-store"}
_SERVER_FAULT = 500
_SOON = {"Retry-After": "5"}
_LATER = {"Retry-After": "10"}


class ApiError(Exception):
    """Why a request has no answer.

    Args:
        status: HTTP status code.
        message: For the person whose program asked.
        code: For the program; empty means none.
        param: The field of the request that is wrong; empty means none.
        headers: Further response headers.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str = "",
        param: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.headers = dict(headers or {})

    def as_record(self) -> Record:
        """OpenAI's error object."""
        kind = "server_error" if self.status >= _SERVER_FAULT else "invalid_request_error"
        return {
            "error": {
                "message": self.message,
                "type": kind,
                "param": self.param or None,
                "code": self.code or None,
            }
        }


def bad_request(param: str, message: str) -> ApiError:
    """The refusal of a request whose field `param` cannot be used."""
    return ApiError(400, message, "invalid_value", param)


def told_error(exc: Exception) -> ApiError:
    """What the pipeline raised with a message for the person who asked, as a refusal."""
    if isinstance(exc, FilterError):
        return bad_request(exc.field, str(exc))
    if isinstance(exc, QuestionError):
        return bad_request("messages", str(exc))
    if isinstance(exc, QueueFullError):
        return ApiError(429, str(exc), "queue_full", headers=_SOON)
    if isinstance(exc, DeadlineError):
        return ApiError(503, str(exc), "deadline_exceeded", headers=_SOON)
    if isinstance(exc, StoppingError):
        return ApiError(503, str(exc), "stopping", headers=_LATER)
    return ApiError(500, str(exc), "pipeline_failed")


def error_response(error: ApiError) -> Response:
    """The refusal as an HTTP response."""
    return json_response(error.as_record(), error.status, error.headers)


def json_response(
    record: Record, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """`record` as a response that no one keeps."""
    # A request can hold half a surrogate pair, which UTF-8 cannot write back.
    content = as_json(record).encode("utf-8", "replace")
    return Response(content, status, {**_NO_CACHE, **(headers or {})}, "application/json")
