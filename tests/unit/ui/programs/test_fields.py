import pytest

from rag.config import RagConfig
from rag.types import Document
from rag.ui.programs.chat import MAX_MESSAGES, ChatRequest, parse_chat, understood
from rag.ui.programs.embeddings import MAX_TEXT_CHARS, MAX_TEXTS, parse_embeddings
from rag.ui.programs.errors import ApiError
from rag.ui.programs.fields import parse_body

USER = {"role": "user", "content": "多少户？"}
ROADS = Document("roads", "0", "甲县修路。", "甲县报告", "甲县")
RAILS = Document("rails", "1", "乙县修路。", "乙县报告", "乙县")


def chat(**body) -> ChatRequest:
    return parse_chat({"messages": [USER], **body}, RagConfig())


def test_the_last_user_message_is_the_question():
    messages = [
        {"role": "system", "content": "Be brief."},
        USER,
        {"role": "assistant", "content": "12户"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "那"}, {"type": "text", "text": "乙"}],
        },
        {"role": "tool", "content": None},
    ]
    assert chat(messages=messages) == ChatRequest("那\n乙", ("多少户？",))


def test_settings_of_language_models_are_passed_over():
    given = {"temperature": 0.2, "max_tokens": 5, "n": 1, "tools": [], "stream": None}
    assert chat(**given, response_format={"type": "text"}) == ChatRequest("多少户？", ())


def test_own_settings_are_taken():
    asked = chat(top_k=3, strictness=1, stream=True, stream_options={"include_usage": True})
    assert (asked.top_k, asked.strictness) == (3, 1)
    assert (asked.is_streamed, asked.tells_usage) == (True, True)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [USER] * (MAX_MESSAGES + 1)}, "messages"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"messages": ["x"]}, "messages[0]"),
        ({"messages": [{"role": "admin", "content": "x"}]}, "messages[0]"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "messages[0]"),
        ({"messages": [USER, {"role": "user", "content": 3}]}, "messages[1]"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "text"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": 1}, "stream_options"),
        ({"n": 2}, "n"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"top_k": 0}, "top_k"),
        ({"top_k": 2.5}, "top_k"),
        ({"top_k": True}, "top_k"),
        ({"strictness": float("nan")}, "strictness"),
        ({"strictness": "high"}, "strictness"),
    ],
)
def test_a_conversation_that_cannot_be_answered_is_refused(body, param):
    with pytest.raises(ApiError) as caught:
        chat(**body)
    assert (caught.value.status, caught.value.param) == (400, param)


def test_earlier_questions_are_completed_one_from_another():
    shelf = (ROADS, RAILS)
    assert understood(["甲县修路多少公里？", "", "那乙县呢？", "长" * 99], shelf, 50) == [
        "甲县修路多少公里？",
        "乙县修路多少公里？",
    ]


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_json_object_is_refused(raw):
    with pytest.raises(ApiError) as caught:
        parse_body(raw)
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")


def test_texts_to_encode_are_one_or_many():
    assert parse_embeddings({"input": "甲"}, 64).texts == ("甲",)
    asked = parse_embeddings(
        {"input": ["甲", "乙"], "input_type": "passage", "encoding_format": "base64"}, 64
    )
    assert (asked.texts, asked.are_passages, asked.as_base64) == (("甲", "乙"), True, True)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "input"),
        ({"input": []}, "input"),
        ({"input": ["x"] * (MAX_TEXTS + 1)}, "input"),
        ({"input": ["x", ""]}, "input[1]"),
        ({"input": "长" * (MAX_TEXT_CHARS + 1)}, "input[0]"),
        ({"input": [1, 2]}, "input[0]"),
        ({"input": "x", "encoding_format": "int8"}, "encoding_format"),
        ({"input": "x", "input_type": "other"}, "input_type"),
        ({"input": "x", "dimensions": 12}, "dimensions"),
    ],
)
def test_what_cannot_be_encoded_is_refused(body, param):
    with pytest.raises(ApiError) as caught:
        parse_embeddings(body, 64)
    assert (caught.value.status, caught.value.param) == (400, param)
