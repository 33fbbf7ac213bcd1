"""The client of the Model Context Protocol's own library against a running server."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from rag.schema import answer_schema
from rag.ui.programs.mcp_tools import MAX_SHOWN_CHARS
from tests.unit.ui.programs.conftest import QUESTION, TEXT, TOKEN

PATIENCE_SECONDS = 60  # For machines that are busy with something else.


def with_session(url: str, use: Callable[[ClientSession], Awaitable[Any]], token: str = "") -> Any:
    async def run() -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            httpx.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS) as http,
            streamable_http_client(f"{url}mcp", http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    return asyncio.run(run())


def call(url: str, tool: str, **arguments) -> CallToolResult:
    result: CallToolResult = with_session(url, lambda s: s.call_tool(tool, arguments))
    return result


def record(result: CallToolResult) -> dict[str, Any]:
    assert result.structuredContent is not None
    return result.structuredContent


def told(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_there_are_three_tools_that_only_read(url):
    tools = with_session(url, lambda session: session.list_tools()).tools
    assert [tool.name for tool in tools] == ["ask", "search", "show"]
    assert all(tool.description and tool.annotations.readOnlyHint for tool in tools)
    assert tools[0].outputSchema == answer_schema()


def test_ask_gives_the_record_as_json_and_as_structure(url):
    result = call(url, "ask", question=QUESTION)
    assert not result.isError
    assert json.loads(told(result)) == result.structuredContent
    assert record(result)["answer"] == "41座"
    assert "松溪县总结" in told(result)


def test_ask_abstains(url):
    assert record(call(url, "ask", question="谁？"))["abstained"]


def test_a_follow_up_goes_with_the_earlier_questions(url, pipeline):
    call(url, "ask", question="那2019年呢？", earlier=["松溪县茶园多少亩？"], top_k=3)
    assert pipeline.earlier == ["松溪县茶园多少亩？"]
    assert pipeline.asked[-1] == ("那2019年呢？", 3, None)


def test_search_gives_passages(url):
    (passage,) = record(call(url, "search", query="茶园", top_k=1))["passages"]
    assert (passage["document"], passage["start"]) == ("songxi", 0)


@pytest.mark.parametrize("held", [{"documents": ["nantang"]}, {"years": [2020, 2021]}])
def test_ask_and_search_are_held_to_chosen_reports_or_years(url, held):
    asked = record(call(url, "ask", question="谁？", **held))
    found = record(call(url, "search", query="谁？", **held))
    for passages in (asked["passages"], found["passages"]):
        assert [passage["document"] for passage in passages] == ["nantang"]


@pytest.mark.parametrize(("start", "end"), [(0, 5), (6, 10), (0, MAX_SHOWN_CHARS * 9)])
def test_show_gives_the_stretch(url, start, end):
    shown = record(call(url, "show", document="songxi", start=start, end=end))
    assert shown["text"] == TEXT[start:end]
    assert (shown["end"], shown["n_chars"]) == (min(end, len(TEXT)), len(TEXT))


@pytest.mark.parametrize(
    ("tool", "arguments", "problem"),
    [
        ("ask", {"question": ""}, "the question is empty"),
        ("ask", {}, "Input validation error"),
        ("ask", {"question": "谁？", "top_k": 99}, "Input validation error"),
        ("ask", {"question": "谁？", "more": 1}, "Input validation error"),
        ("ask", {"question": "谁？", "documents": "songxi"}, "Input validation error"),
        ("ask", {"question": "谁？", "years": ["2020"]}, "Input validation error"),
        ("ask", {"question": "谁？", "documents": ["gone"]}, "there are: songxi, nantang"),
        ("search", {"query": "谁？", "years": [1999]}, "they cover: 2019, 2020"),
        ("show", {"document": "nantong", "start": 0, "end": 9}, "known: nantang, songxi"),
        ("show", {"document": "../songxi", "start": 0, "end": 9}, "known: nantang, songxi"),
        ("show", {"document": "songxi", "start": 900, "end": 999}, "nothing from 900 to 999"),
        ("show", {"document": "songxi", "start": -1, "end": 9}, "Input validation error"),
        ("drop", {}, "drop"),
    ],
)
def test_what_cannot_be_done_is_told(url, tool, arguments, problem):
    result = call(url, tool, **arguments)
    assert result.isError
    assert problem in told(result)


def test_the_token_is_demanded(locked_url):
    async def ping(session: ClientSession) -> None:
        await session.send_ping()

    with_session(locked_url, ping, TOKEN)
    with pytest.RaisesGroup(httpx.HTTPStatusError, allow_unwrapped=True, flatten_subgroups=True):
        with_session(locked_url, ping)
