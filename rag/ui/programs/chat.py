"""`/v1/chat/completions`: a conversation to a question, an answer to OpenAI's records."""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from rag.config import RagConfig
from rag.errors import ConfigError, FilterError
from rag.filters import ReportFilter
from rag.follow_up import standalone
from rag.output import Record, answer_record
from rag.types import Answer, Document
from rag.ui.programs.errors import bad_request, told_error
from rag.ui.programs.fields import Body, check_choice, flag, items, number, text, whole_number

MODEL = "report-qa"
MAX_MESSAGES = 200
_ROLES = ("assistant", "developer", "function", "system", "tool", "user")
# What would change the form of the answer, and all that is known of it. Other settings of a
# language model, such as `temperature`, mean nothing here and are passed over.
_FIXED: Mapping[str, Sequence[object]] = {
    "n": (1,),
    "logprobs": (False,),
    "response_format": ({"type": "text"},),
    "tool_choice": ("none", "auto"),
    "function_call": ("none", "auto"),
}


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a request asks for.

    Attributes:
        question: The last user message.
        earlier: The user messages before, oldest first, as they were asked.
        is_streamed: Send the steps as events.
        tells_usage: End the events with the usage.
        top_k: Passages to read; None means as configured.
        strictness: As in `RagPipeline.ask`.
        held_to: The reports that it is asked of.
        end_user: Whom the program asks for; empty for itself.
    """

    question: str
    earlier: tuple[str, ...]
    is_streamed: bool = False
    tells_usage: bool = False
    top_k: int | None = None
    strictness: float | None = None
    held_to: ReportFilter = field(default_factory=ReportFilter)
    end_user: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What all records of one reply begin with."""

    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def record(self, kind: str, choices: list[Record]) -> Record:
        """A record of `kind`."""
        named = {"id": self.id, "object": kind, "created": self.created, "model": MODEL}
        return {**named, "choices": choices}


def parse_chat(body: Body, config: RagConfig) -> ChatRequest:
    """What `body` asks for.

    Raises:
        ApiError: It cannot be answered.
    """
    for name, known in _FIXED.items():
        check_choice(body, name, known)
    said = _user_messages(items(body, "messages", MAX_MESSAGES))
    options = body.get("stream_options") or {}
    if not isinstance(options, dict):
        raise bad_request("stream_options", "'stream_options' is not an object")
    top_k, strictness = whole_number(body, "top_k"), number(body, "strictness")
    _check_setting(config, "top_k", top_k)
    _check_setting(config, "strictness", strictness)
    return ChatRequest(
        said[-1],
        tuple(said[:-1]),
        flag(body, "stream"),
        flag(cast(Body, options), "include_usage"),
        top_k,
        strictness,
        _held_to(body),
        text(body, "user") if body.get("user") is not None else "",
    )


def understood(earlier: Iterable[str], documents: Iterable[Document], max_chars: int) -> list[str]:
    """Earlier questions as they were searched, each completed from the one before it."""
    shelf = tuple(documents)
    completed: list[str] = []
    for question in earlier:
        if question.strip() and len(question) <= max_chars:  # Others were refused when asked.
            completed.append(standalone(question, completed, shelf))
    return completed


def completion(answer: Answer) -> Record:
    """The whole reply in one record."""
    message = {
        "role": "assistant",
        "content": answer.text,
        "refusal": None,
        "record": answer_record(None, answer),
    }
    choice: Record = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    record = Heading().record("chat.completion", [choice])
    return {**record, "usage": _usage(answer)}


def first_chunk(heading: Heading) -> Record:
    """The event that a reply begins with."""
    return _chunk(heading, {"role": "assistant", "content": ""})


def last_chunks(heading: Heading, answer: Answer, tells_usage: bool) -> Iterator[Record]:
    """The events of an answer: its text, its record, and the usage if that is asked for."""
    yield _chunk(heading, {"content": answer.text})
    yield _chunk(heading, {"record": answer_record(None, answer)}, "stop")
    if tells_usage:
        yield {**heading.record("chat.completion.chunk", []), "usage": _usage(answer)}


def _chunk(heading: Heading, delta: Record, finish_reason: str | None = None) -> Record:
    choice: Record = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    return heading.record("chat.completion.chunk", [choice])


def _usage(answer: Answer) -> Record:
    """Counted in characters: nothing is billed here, and there is no one tokenizer."""
    asked, said = len(answer.question), len(answer.text)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _user_messages(messages: Sequence[object]) -> list[str]:
    said = []
    for number_, message in enumerate(messages):
        place = f"messages[{number_}]"
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise bad_request(place, f"'{place}' has no role out of: {', '.join(_ROLES)}")
        if message["role"] == "user":
            said.append(_content(place, message.get("content")))
    if not said:
        raise bad_request("messages", "there is no user message, so nothing is asked")
    return said


def _content(place: str, content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise bad_request(place, f"the content of '{place}' is neither a text nor a list of parts")
    return "\n".join(_part(place, part) for part in content)


def _part(place: str, part: object) -> str:
    if not isinstance(part, dict) or part.get("type") != "text":
        raise bad_request(place, f"'{place}' holds a part that is no text; only text is read")
    return text(part, "text")


def _held_to(body: Body) -> ReportFilter:
    try:
        return ReportFilter.parse(body.get("documents"), body.get("years"))
    except FilterError as exc:
        raise told_error(exc) from exc


def _check_setting(config: RagConfig, name: str, value: float | None) -> None:
    """Check a setting of one request as all settings are checked."""
    given: dict[str, Any] = {} if value is None else {name: value}
    try:
        replace(config, **given)
    except ConfigError as exc:
        raise bad_request(name, str(exc)) from exc
