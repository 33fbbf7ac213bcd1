import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.config import RagConfig
from rag.errors import QuestionError
from rag.index import Index, build_index
from rag.metadata import describe
from rag.pipeline import RagPipeline
from rag.reader.base import ReaderInput, Reading
from rag.retrieval import HybridRetriever
from rag.types import Answer, Side, Span, Stage
from tests.fakes import HashEncoder

ROADS = "溪口县道路报告\n2019年，溪口县修路300公里，架桥12座。全县通路。"
WATER = "白水镇饮水报告\n2020年，白水镇通水5村，投资40万元。全镇用水方便。"
NOTHING = Reading("", None, (), 0.05, True)


class CopyReader:
    """Copies `wanted` from the first passage that holds it."""

    model_id = "copy@1"

    def __init__(self, wanted: str, confidence: float = 0.9, *, abstained: bool = False) -> None:
        self.wanted, self.confidence, self.abstained = wanted, confidence, abstained
        self.batches: list[Sequence[ReaderInput]] = []

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        self.batches.append(inputs)
        return [self._read(each.passages) for each in inputs]

    def _read(self, passages: Sequence[str]) -> Reading:
        for number, passage in enumerate(passages):
            if (at := passage.find(self.wanted)) >= 0:
                span = Span(at, at + len(self.wanted))
                return Reading(self.wanted, number, (span,), self.confidence, self.abstained)
        return NOTHING


class InventingReader(CopyReader):
    """Gives an answer that no passage holds."""

    def _read(self, passages: Sequence[str]) -> Reading:
        return Reading(self.wanted, 0, (Span(0, 2),), 0.99, False)


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    return RagConfig(index=tmp_path / "index")


@pytest.fixture
def index(config: RagConfig) -> Index:
    documents = [describe("roads", "h1", ROADS), describe("water", "h2", WATER)]
    return build_index(documents, HashEncoder(), config)


def make_pipeline(index: Index, config: RagConfig, reader: CopyReader) -> RagPipeline:
    return RagPipeline(index, HybridRetriever(index, HashEncoder(), config), reader, config)


def test_answer_has_marks_and_exact_citation(index: Index, config: RagConfig):
    pipeline = make_pipeline(index, config, CopyReader("300公里"))
    answer = pipeline.ask("溪口县修路多少公里？")
    assert (answer.text, answer.short, answer.abstained) == ("300公里 [1]", "300公里", False)
    (citation,) = answer.citations
    assert citation.document_id == "roads"
    assert citation.text == "2019年，溪口县修路300公里，架桥12座。"
    assert citation.span.of(pipeline.documents["roads"].text) == citation.text
    assert answer.confidence == 0.9
    assert answer.seconds > 0


def test_reader_that_abstains_leaves_related_passages_and_no_citation(
    index: Index, config: RagConfig
):
    answer = make_pipeline(index, config, CopyReader("没有的词")).ask("溪口县修路多少公里？")
    assert (answer.abstained, answer.short, answer.citations) == (True, "", ())
    assert answer.passages
    assert answer.text == "报告中没有找到这个问题的答案。"


def test_abstention_is_told_in_english_to_english(index: Index, config: RagConfig):
    answer = make_pipeline(index, config, CopyReader("没有的词")).ask("How long is the road?")
    assert answer.text == "The reports do not contain the answer to this question."


@pytest.mark.parametrize(
    ("strictness", "reader_abstains", "abstains"),
    [(-1.0, True, True), (-1.0, False, False), (0.8, False, True), (0.5, True, False)],
)
def test_strictness_decides_unless_below_zero(
    index: Index, config: RagConfig, strictness: float, reader_abstains: bool, abstains: bool
):
    reader = CopyReader("300公里", 0.6, abstained=reader_abstains)
    pipeline = make_pipeline(index, config, reader)
    answer = pipeline.ask("溪口县修路多少公里？", strictness=strictness)
    assert answer.abstained is abstains
    assert answer.confidence == 0.6


def test_strictness_of_the_settings_holds(index: Index, config: RagConfig):
    strict = replace(config, strictness=0.95)
    assert make_pipeline(index, strict, CopyReader("300公里")).ask("溪口县修路？").abstained


def test_invented_answer_is_not_shown(index: Index, config: RagConfig):
    answer = make_pipeline(index, config, InventingReader("999公里")).ask("溪口县修路多少公里？")
    assert answer.abstained
    assert answer.citations == ()


def test_figure_of_another_year_is_not_shown(index: Index, config: RagConfig):
    pipeline = make_pipeline(index, config, CopyReader("300公里"))
    assert not pipeline.ask("溪口县2019年修路多少公里？").abstained
    answer = pipeline.ask("溪口县2018年修路多少公里？", strictness=0)
    assert (answer.abstained, answer.confidence) == (True, 0.0)


class LengthReader(CopyReader):
    """Copies the first length that stands in the passages."""

    def _read(self, passages: Sequence[str]) -> Reading:
        for number, passage in enumerate(passages):
            if match := re.search(r"\d+公里", passage):
                span = Span(*match.span())
                return Reading(match.group(), number, (span,), self.confidence, False)
        return NOTHING


@pytest.fixture
def two_counties(config: RagConfig) -> Index:
    rails = "石桥县铁路报告\n2019年，石桥县修路500公里，设站9个。全县通车。"
    documents = [describe("roads", "h1", ROADS), describe("rails", "h2", rails)]
    return build_index(documents, HashEncoder(), config)


def test_places_are_compared_with_both_figures_cited(two_counties: Index, config: RagConfig):
    pipeline = make_pipeline(two_counties, config, LengthReader(""))
    answer = pipeline.ask("溪口县和石桥县，哪个县修路更多？")
    assert (answer.short, answer.abstained) == ("石桥县", False)
    assert answer.text == "石桥县（石桥县：500公里 [2]；溪口县：300公里 [1]）"
    assert [citation.document_id for citation in answer.citations] == ["roads", "rails"]
    assert answer.sides == (Side("石桥县", "500公里", (2,)), Side("溪口县", "300公里", (1,)))
    assert answer.confidence == pytest.approx(0.81)
    assert [passage.rank for passage in answer.passages] == [1, 2]
    *_, streamed = pipeline.stream("溪口县和石桥县，哪个县修路更多？")
    assert isinstance(streamed, Answer)
    assert streamed.text == answer.text


def test_a_side_without_a_figure_is_named(two_counties: Index, config: RagConfig):
    pipeline = make_pipeline(two_counties, config, CopyReader("300公里"))
    answer = pipeline.ask("溪口县和石桥县，哪个县修路更多？")
    assert (answer.abstained, answer.citations) == (True, ())
    assert answer.text == "报告中没有找到这个问题的答案。没有找到石桥县的数字。"


def test_each_place_is_told_and_the_missing_named(two_counties: Index, config: RagConfig):
    question = "溪口县和石桥县分别修路多少？"
    both = make_pipeline(two_counties, config, LengthReader("")).ask(question)
    assert both.text == "溪口县：300公里 [1]；石桥县：500公里 [2]"
    assert (both.short, both.abstained) == ("溪口县：300公里；石桥县：500公里", False)
    one = make_pipeline(two_counties, config, CopyReader("300公里")).ask(question)
    assert one.text == "溪口县：300公里 [1]。没有找到石桥县的数字。"
    assert one.confidence == pytest.approx(0.9)
    none = make_pipeline(two_counties, config, CopyReader("700公里")).ask(question)
    assert none.abstained


@pytest.mark.parametrize(
    ("second", "text"),
    [
        (500, "报告说法不同：溪口县道路报告：300公里 [1]；溪口县交通年报：500公里 [2]"),
        (300, "300公里 [1]"),
    ],
)
def test_reports_that_disagree_are_both_told(config: RagConfig, second: int, text: str):
    again = f"溪口县交通年报\n2019年，溪口县修路{second}公里，设站9个。"
    documents = [describe("roads", "h1", ROADS), describe("yearbook", "h2", again)]
    index = build_index(documents, HashEncoder(), config)
    answer = make_pipeline(index, config, LengthReader("")).ask("溪口县修路架桥多少公里？")
    assert answer.text == text
    assert not answer.abstained
    assert {citation.document_id for citation in answer.citations} <= {"roads", "yearbook"}


class FirstFigureReader(CopyReader):
    """Copies the first figure of the question's unit, else the first of any; surer of lengths."""

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        return [self._figure(asked, re.search("公里|个", asked.question)) for asked in inputs]

    def _figure(self, asked: ReaderInput, unit: re.Match[str] | None) -> Reading:
        pattern = rf"\d+(?:{unit.group() if unit else '公里|个'})"
        for number, passage in enumerate(asked.passages):
            if match := re.search(pattern, passage):
                confidence = 0.9 if match.group().endswith("公里") else 0.8
                return Reading(match.group(), number, (Span(*match.span()),), confidence, False)
        return NOTHING


def test_a_side_in_another_unit_is_asked_again_in_that_of_the_surest(config: RagConfig):
    rails = "石桥县铁路报告\n2019年，石桥县设站9个，修路500公里。全县通车。"
    documents = [describe("roads", "h1", ROADS), describe("rails", "h2", rails)]
    index = build_index(documents, HashEncoder(), config)
    pipeline = make_pipeline(index, config, FirstFigureReader(""))
    answer = pipeline.ask("溪口县和石桥县，哪个县修路更多？")
    assert answer.text == "石桥县（石桥县：500公里 [2]；溪口县：300公里 [1]）"
    (batched,) = pipeline.ask_many(["溪口县和石桥县，哪个县修路更多？"])
    assert batched.text == answer.text


def test_a_follow_up_is_completed_and_tells_so(two_counties: Index, config: RagConfig):
    pipeline = make_pipeline(two_counties, config, LengthReader(""))
    answer = pipeline.ask("那石桥县呢？", earlier=["溪口县修路多少公里？"])
    assert (answer.short, answer.question) == ("500公里", "那石桥县呢？")
    assert answer.understood == "石桥县修路多少公里？"
    assert pipeline.ask("溪口县修路多少公里？").understood == ""


def test_figures_are_told_in_english_to_english(index: Index, config: RagConfig):
    answer = make_pipeline(index, config, CopyReader("40万元")).ask("How much was invested?")
    assert (answer.short, answer.text) == ("40万元", "40万元 (400,000 yuan) [1]")


def test_reports_that_mention_something_are_found_by_looking(
    two_counties: Index, config: RagConfig
):
    pipeline = make_pipeline(two_counties, config, LengthReader(""))
    answer = pipeline.ask("哪些县提到了修路？")
    assert answer.short == "石桥县、溪口县"
    assert answer.text == "石桥县 [1]、溪口县 [2]"
    assert all("修路" in citation.text for citation in answer.citations)
    assert [
        span.of(pipeline.documents["rails"].text) for span in answer.citations[0].answer_spans
    ] == ["修路"]
    assert pipeline.ask("哪些报告提到“设站”？").short == "石桥县"
    nothing = pipeline.ask("哪些县提到了光伏？")
    assert (nothing.abstained, nothing.text) == (True, "没有报告提到“光伏”。")


def test_part_of_a_number_is_not_shown(index: Index, config: RagConfig):
    answer = make_pipeline(index, config, CopyReader("00公里")).ask("溪口县修路多少公里？")
    assert (answer.abstained, answer.confidence) == (True, 0.0)


def test_question_about_a_strange_place_is_not_answered(index: Index, config: RagConfig):
    answer = make_pipeline(index, config, CopyReader("300公里")).ask("昌平区修路多少公里？")
    assert (answer.abstained, answer.confidence) == (True, 0.0)
    assert answer.text == "没有关于昌平区的报告；书架上的报告涉及溪口县、白水镇。"


@pytest.mark.parametrize("question", ["", "  \n\u3000"])
def test_empty_question(index: Index, config: RagConfig, question: str):
    with pytest.raises(QuestionError, match="ask a question"):
        make_pipeline(index, config, CopyReader("x")).ask(question)


def test_long_question_is_told_with_both_numbers(index: Index, config: RagConfig):
    with pytest.raises(QuestionError, match="10000 characters; at most 2000"):
        make_pipeline(index, config, CopyReader("x")).ask("问" * 10_000)


@pytest.mark.parametrize("question", ["ᚠᚢᚦᚨᚱᚲ ᛏᛁᚹᚨᛉ", "😀😀", "\ud800", "？？？"])
def test_strange_scripts_end_in_abstention(index: Index, config: RagConfig, question: str):
    assert make_pipeline(index, config, CopyReader("没有的词")).ask(question).abstained


@pytest.mark.parametrize("bad", [{"top_k": 0}, {"top_k": 21}, {"strictness": 1.5}])
def test_settings_out_of_range(index: Index, config: RagConfig, bad: dict[str, Any]):
    (name,) = bad
    with pytest.raises(ValueError, match=f"{name} is"):
        make_pipeline(index, config, CopyReader("x")).ask("修路？", **bad)


def test_ask_many_reads_one_batch_in_order(index: Index, config: RagConfig):
    reader = CopyReader("12座")
    questions = ["溪口县架桥几座？", "白水镇通水几村？", "溪口县架桥？"]
    answers = make_pipeline(index, config, reader).ask_many(questions)
    assert [answer.question for answer in answers] == questions
    assert [len(batch) for batch in reader.batches] == [3]
    assert make_pipeline(index, config, reader).ask_many([]) == []


def test_the_first_step_is_told_before_any_work(
    index: Index, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    planned: list[str] = []
    monkeypatch.setattr(
        "rag.open_shelf.asked_mention", lambda question: planned.append(question) or ""
    )
    steps = make_pipeline(index, config, CopyReader("12座")).stream("溪口县架桥几座？")
    assert next(steps) == Stage("searching")
    assert planned == []
    next(steps)
    assert planned == ["溪口县架桥几座？"]


def test_stream_tells_the_steps_then_the_answer(index: Index, config: RagConfig):
    *stages, answer = make_pipeline(index, config, CopyReader("12座")).stream("溪口县架桥几座？")
    assert [stage.name for stage in stages if isinstance(stage, Stage)] == [
        "searching",
        "reading",
        "checking",
    ]
    assert isinstance(answer, Answer)
    assert answer.short == "12座"


def test_search_gives_ranked_passages(index: Index, config: RagConfig):
    passages = make_pipeline(index, config, CopyReader("x")).search("道路和饮水", top_k=2)
    assert [passage.rank for passage in passages] == [1, 2]


def test_top_k_limits_what_is_read(index: Index, config: RagConfig):
    reader = CopyReader("12座")
    make_pipeline(index, config, reader).ask("道路和饮水？", top_k=1)
    assert len(reader.batches[0][0].passages) == 1


def test_ids_of_both_models(index: Index, config: RagConfig):
    pipeline = make_pipeline(index, config, CopyReader("x"))
    assert pipeline.model_ids == {"encoder": "hash@1", "reader": "copy@1"}


def test_versions_name_the_models_and_the_generation_of_the_index(index: Index, config: RagConfig):
    pipeline = make_pipeline(index, config, CopyReader("x"))
    generation = (config.index / "CURRENT").read_text(encoding="utf-8").split()[0]
    assert pipeline.versions["index"] == generation
    assert dict(pipeline.model_ids).items() < dict(pipeline.versions).items()


def test_threads_get_their_own_answers(index: Index, config: RagConfig):
    pipeline = make_pipeline(index, config, CopyReader("12座"))
    questions = [f"溪口县第{n}座桥？架桥几座？" for n in range(16)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(pipeline.ask, questions))
    assert [answer.question for answer in answers] == questions
    assert {answer.short for answer in answers} == {"12座"}
