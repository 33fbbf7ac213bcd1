"""OpenAI's own client against a running server."""

import base64
from collections.abc import Iterator

import numpy as np
import openai
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from openai.types.chat import ChatCompletionMessageParam

from rag.errors import IndexCorruptError
from rag.ui.operation.watched import stopping
from rag.ui.programs.embeddings import MAX_TEXTS
from tests.fakes import NO_ANSWER, HashEncoder
from tests.unit.ui.programs.conftest import QUESTION, TEXT, TOKEN

PATIENCE_SECONDS = 60  # For machines that are busy with something else.


def connect(url: str, key: str = "unused") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}v1", api_key=key, max_retries=0, timeout=PATIENCE_SECONDS)


@pytest.fixture
def client(url) -> Iterator[openai.OpenAI]:
    with connect(url) as client:
        yield client


def ask(client: openai.OpenAI, *questions: str, **given):
    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": question} for question in questions
    ]
    return client.chat.completions.create(model="report-qa", messages=messages, **given)


def test_an_answer_comes_with_its_citations(client):
    reply = ask(client, QUESTION)
    (choice,) = reply.choices
    assert (choice.message.content, choice.finish_reason) == ("41座 [1]", "stop")
    assert (choice.message.role, choice.message.refusal) == ("assistant", None)
    (citation,) = choice.message.record["citations"]
    assert TEXT[citation["start"] : citation["end"]] == citation["text"]
    assert reply.usage.total_tokens == len(QUESTION) + len("41座 [1]")
    assert reply.model == "report-qa"


def test_a_refusal_is_an_answer_with_a_flag(client):
    (choice,) = ask(client, "谁？").choices
    assert choice.message.content == NO_ANSWER
    assert choice.message.record["abstained"] is True
    assert choice.message.record["citations"] == []
    assert choice.message.record["passages"]


def test_earlier_questions_go_along_completed(client, pipeline):
    ask(client, "松溪县茶园多少亩？", "那2019年呢？", QUESTION, extra_body={"top_k": 3})
    assert pipeline.earlier == ["松溪县茶园多少亩？", "松溪县2019年茶园多少亩？"]
    assert pipeline.asked[-1] == (QUESTION, 3, None)


@pytest.mark.parametrize("held", [{"documents": ["nantang"]}, {"years": [2020, 2021]}])
@pytest.mark.parametrize("stream", [False, True])
def test_a_question_is_held_to_chosen_reports_or_years(client, held, stream):
    reply = ask(client, "谁？", stream=stream, extra_body=held)
    record = [*reply][-1].choices[0].delta.record if stream else reply.choices[0].message.record
    assert [passage["document"] for passage in record["passages"]] == ["nantang"]


@pytest.mark.parametrize(
    ("held", "param", "told"),
    [
        ({"documents": ["gone"]}, "documents", "no report 'gone' .* there are: songxi, nantang"),
        ({"documents": "songxi"}, "documents", "documents is 'songxi'; expected a list"),
        ({"years": [1999]}, "years", "covers 1999 .* choose other years"),
        ({"years": ["2019"]}, "years", "years has '2019'; expected whole numbers"),
    ],
)
def test_a_filter_that_cannot_be_used_is_told_with_its_field(client, held, param, told):
    with pytest.raises(openai.BadRequestError, match=told.replace(" .* ", ".*")) as caught:
        ask(client, "谁？", extra_body=held)
    assert caught.value.param == param


def test_a_stream_ends_with_the_record_and_the_usage(client):
    chunks = list(ask(client, QUESTION, stream=True, stream_options={"include_usage": True}))
    first, *_, last, usage = chunks
    assert first.choices[0].delta.role == "assistant"
    told = [c.choices[0].delta.content or "" for c in chunks if c.choices]
    assert "".join(told) == "41座 [1]"
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].delta.record["citations"][0]["document"] == "songxi"
    assert usage.choices == []
    assert usage.usage.prompt_tokens == len(QUESTION)
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_without_usage_ends_with_the_record(client):
    *_, last = ask(client, "谁？", stream=True)
    assert last.choices[0].delta.record["abstained"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("question", ["", "长" * 3000])
def test_a_question_that_cannot_be_asked_has_a_status(client, question, stream):
    with pytest.raises(openai.BadRequestError, match="the question") as caught:
        ask(client, question, stream=stream)
    assert caught.value.type == "invalid_request_error"
    assert caught.value.param == "messages"


def test_an_unknown_model_is_told(client):
    with pytest.raises(openai.NotFoundError, match="'gpt-4o' here; known: report-qa") as caught:
        client.chat.completions.create(model="gpt-4o", messages=[])
    assert caught.value.code == "model_not_found"


def test_unknown_addresses_and_methods_are_told_in_the_same_form(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.completions.create(model="report-qa", prompt="x")
    assert caught.value.type == "invalid_request_error"
    with pytest.raises(openai.APIStatusError) as caught_method:
        client.get("/chat/completions", cast_to=object)
    assert caught_method.value.status_code == 405


@pytest.mark.parametrize(
    ("problem", "told"),
    [(IndexCorruptError("the index is broken"), "index is broken"), (KeyError("x"), "has failed")],
)
def test_a_failure_of_the_server_is_told(client, pipeline, monkeypatch, problem, told):
    def fail(*given, **named):
        raise problem

    monkeypatch.setattr(pipeline, "stream", fail)
    with pytest.raises(openai.InternalServerError, match=told) as caught:
        ask(client, QUESTION)
    assert caught.value.type == "server_error"


def test_a_question_that_waited_until_the_server_stopped_may_come_again(
    client, pipeline, monkeypatch
):
    def stop(*_, **__):
        raise stopping()

    monkeypatch.setattr(pipeline, "stream", stop)
    with pytest.raises(openai.InternalServerError) as caught:
        ask(client, QUESTION)
    assert (caught.value.status_code, caught.value.code) == (503, "stopping")
    assert caught.value.response.headers["retry-after"]


def test_a_failure_within_a_stream_is_an_event(client, pipeline, monkeypatch):
    def fail_late(*given, **named):
        yield from list(original(*given, **named))[:1]
        raise IndexCorruptError("the index is broken")

    original = pipeline.stream
    monkeypatch.setattr(pipeline, "stream", fail_late)
    with pytest.raises(openai.APIError, match="the index is broken"):
        list(ask(client, QUESTION, stream=True))


def test_vectors_are_those_of_the_index(client):
    texts = ["松溪县", "茶园"]
    as_floats = client.embeddings.create(model="hash@1", input=texts, encoding_format="float")
    by_default = client.embeddings.create(model="hash@1", input=texts)  # The client asks base64.
    expected = HashEncoder().encode_queries(texts)
    for reply in (as_floats, by_default):
        assert [item.index for item in reply.data] == [0, 1]
        vectors = np.array([item.embedding for item in reply.data], np.float32)
        np.testing.assert_array_equal(vectors, expected)
    assert as_floats.usage.prompt_tokens == 5


def test_base64_is_little_endian_float32(client):
    raw = client.embeddings.with_raw_response.create(
        model="hash@1", input="茶园", encoding_format="base64"
    )
    (item,) = raw.http_response.json()["data"]
    vector = np.frombuffer(base64.b64decode(item["embedding"]), "<f4")
    np.testing.assert_array_equal(vector, HashEncoder().encode_queries(["茶园"])[0])


def test_passages_are_encoded_as_such(client, pipeline):
    client.embeddings.create(model="hash@1", input="茶园", extra_body={"input_type": "passage"})
    assert pipeline.encoder.encoded[-1] == "茶园"


def test_too_many_texts_are_refused(client):
    with pytest.raises(openai.BadRequestError, match=f"{MAX_TEXTS + 1} items"):
        client.embeddings.create(model="hash@1", input=["x"] * (MAX_TEXTS + 1))


def test_models_are_listed(client):
    assert [model.id for model in client.models.list()] == ["report-qa", "hash@1"]
    assert client.models.retrieve("hash@1").id == "hash@1"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_the_token_is_demanded(locked_url):
    with connect(locked_url, TOKEN) as right, connect(locked_url, "wrong") as wrong:
        assert ask(right, QUESTION).choices[0].message.content == "41座 [1]"
        with pytest.raises(openai.AuthenticationError, match="bearer token"):
            ask(wrong, QUESTION)


def test_the_page_and_its_endpoints_stay(url):
    client = Client(url, verbose=False)
    assert client.predict(QUESTION, 3, api_name="/ask")["answer"] == "41座"
    (found,) = client.predict("茶园", 1, api_name="/search")
    assert found["document"] == "songxi"


@pytest.mark.parametrize("held", [{"documents": ["nantang"]}, {"years": [2020, 2021]}])
def test_its_endpoints_are_held_to_chosen_reports_or_years(url, held):
    client = Client(url, verbose=False)
    asked = client.predict("谁？", **held, api_name="/ask")
    found = client.predict("谁？", **held, api_name="/search")
    for passages in (asked["passages"], found):
        assert [passage["document"] for passage in passages] == ["nantang"]


@pytest.mark.parametrize("name", ["/ask", "/search"])
@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({"documents": ["gone"]}, "there are: songxi, nantang"),
        ({"years": [1999]}, "they cover: 2019, 2020"),
        ({"years": "2019"}, "years is '2019'; expected a list"),
    ],
)
def test_its_endpoints_tell_a_filter_that_cannot_be_used(url, name, held, told):
    with pytest.raises(AppError, match=told):
        Client(url, verbose=False).predict("谁？", **held, api_name=name)
