"""Records of all kinds of answers fit the published schema, and hold nothing that it omits."""

import copy
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from rag.config import RagConfig
from rag.explanation_output import explained_record
from rag.index import build_index
from rag.metadata import describe
from rag.output import answer_record, as_json
from rag.pipeline import RagPipeline
from rag.reader.base import ReaderInput, Reading
from rag.retrieval import HybridRetriever
from rag.schema import answer_schema
from rag.types import Span
from tests.fakes import HashEncoder

ROADS = "溪口县道路报告\n2019年，溪口县修路300公里，架桥12座。全县通路。"
RAILS = "石桥县铁路报告\n2019年，石桥县修路500公里，设站9个。全县通车。"
ROOT = Path(__file__).parents[2]


class LengthReader:
    """Copies the first length that stands in the passages."""

    model_id = "length@1"

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        return [self._read(each) for each in inputs]

    def _read(self, asked: ReaderInput) -> Reading:
        for number, passage in enumerate(asked.passages):
            match = re.search(r"\d+公里", passage)
            if match and "修路" in asked.question:
                return Reading(match.group(), number, (Span(*match.span()),), 0.9, False)
        return Reading("", None, (), 0.05, True)


@pytest.fixture
def pipeline(tmp_path: Path) -> RagPipeline:
    config = RagConfig(index=tmp_path / "index")
    documents = [describe("roads", "h1", ROADS), describe("rails", "h2", RAILS)]
    index = build_index(documents, HashEncoder(), config)
    retriever = HybridRetriever(index, HashEncoder(), config)
    return RagPipeline(index, retriever, LengthReader(), config)


def closed(schema: Any) -> Any:
    """The schema with no other fields allowed than those it names."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    is_whole = inner.get("type") == "object" and "properties" in inner
    return {**inner, "additionalProperties": False} if is_whole else inner


def check(record: dict[str, Any], *, may_have_more: bool = False) -> None:
    schema = answer_schema() if may_have_more else closed(answer_schema())
    Draft202012Validator(schema).validate(record)


@pytest.mark.parametrize(
    ("question", "earlier", "kind"),
    [
        ("溪口县修路多少公里？", [], "answered"),
        ("溪口县有多少所大学？", [], "refused"),
        ("昌平区修路多少公里？", [], "refused"),
        ("溪口县和石桥县，哪个县修路更多？", [], "comparison"),
        ("溪口县和石桥县分别修路多少？", [], "answered"),
        ("溪口县和石桥县，哪个县大学更多？", [], "refused"),
        ("那石桥县呢？", ["溪口县修路多少公里？"], "follow-up"),
        ("哪些县提到了修路？", [], "answered"),
    ],
)
@pytest.mark.parametrize("question_id", [None, "", "a", 7])
def test_records_fit_the_schema(pipeline, question, earlier, kind, question_id):
    answer = pipeline.ask(question, earlier=earlier)
    record = json.loads(as_json(answer_record(question_id, answer)))
    check(record)
    assert record["abstained"] is (kind == "refused")
    assert bool(record["sides"]) is (kind == "comparison")
    assert bool(record["understood"]) is (kind == "follow-up")
    explained = explained_record(question_id, pipeline.explain(question, earlier=earlier))
    check(json.loads(as_json(explained)))


@pytest.fixture
def record(pipeline) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_json(answer_record(1, pipeline.ask("溪口县修路多少？"))))
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": 1.5},
        {"citations": []},
        {"abstained": True},
        {"abstained": "no"},
        {"question": ""},
        {"passages": [{}]},
    ],
)
def test_what_is_no_record_does_not_fit(record, change):
    check(record)
    with pytest.raises(ValidationError):
        check({**record, **change})


def test_fields_may_be_added(record):
    check({**record, "more": 1}, may_have_more=True)
    with pytest.raises(ValidationError):
        check({**record, "more": 1})


def test_each_field_is_demanded(record):
    for name in record:
        lacking = copy.deepcopy(record)
        del lacking[name]
        with pytest.raises(ValidationError, match="required property"):
            check(lacking)


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(answer_schema())
