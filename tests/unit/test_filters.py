"""Questions held to chosen reports or years."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.errors import QuestionError
from rag.filters import chosen_reports
from rag.index import Index, build_index
from rag.metadata import describe
from rag.pipeline import RagPipeline
from rag.reader.base import ReaderInput, Reading
from rag.retrieval import HybridRetriever
from rag.types import Answer, Document, Span
from tests.fakes import HashEncoder

N_FILLERS = 30


class FirstTonnes:
    """Copies the first amount in tonnes that stands in the passages."""

    model_id = "tonnes@1"

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        return [self._read(each.passages) for each in inputs]

    def _read(self, passages: Sequence[str]) -> Reading:
        for number, passage in enumerate(passages):
            if (end := passage.find("吨")) > 0:
                return Reading(
                    passage[end - 2 : end + 1], number, (Span(end - 2, end + 1),), 0.9, False
                )
        return Reading("", None, (), 0.05, True)


def report(name: str, year: int, tonnes: int) -> Document:
    text = f"{year}年茶叶报告\n{year}年，茶厂产茶{tonnes}吨。"
    return replace(describe(name, f"hash {name}", text), years=(year,))


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    return RagConfig(index=tmp_path / "index", top_k=1, n_candidates=5)


@pytest.fixture
def index(config: RagConfig) -> Index:
    plain = [report("one", 2018, 11), report("two", 2019, 22)]
    # Each of these fits the question better than the reports that are asked for.
    fillers = [
        describe(f"filler{n}", f"hash {n}", f"茶厂产茶多少吨？第{n}次问，茶厂产茶多少吨。")
        for n in range(N_FILLERS)
    ]
    placed = [
        replace(describe(name, "h", f"松溪县报告\n松溪县修路{n}公里。"), place="松溪县")
        for name, n in (("placed", 12), ("again", 15))
    ]
    return build_index([*plain, *fillers, *placed], HashEncoder(), config)


@pytest.fixture
def pipeline(index: Index, config: RagConfig) -> RagPipeline:
    retriever = HybridRetriever(index, HashEncoder(), config)
    return RagPipeline(index, retriever, FirstTonnes(), config)


def sources(answer: Answer) -> set[str]:
    return {passage.chunk.document_id for passage in answer.passages}


def test_a_chosen_report_is_found_though_others_fit_better(pipeline: RagPipeline):
    question = "茶厂产茶多少吨？"
    assert "two" not in sources(pipeline.ask(question))
    answer = pipeline.ask(question, documents=["two"])
    assert (answer.short, sources(answer)) == ("22吨", {"two"})


def test_only_reports_of_the_years_are_read(pipeline: RagPipeline):
    answer = pipeline.ask("茶厂产茶多少吨？", years=[2018], top_k=20)
    assert (answer.short, sources(answer)) == ("11吨", {"one"})


def test_report_and_year_must_both_fit(pipeline: RagPipeline):
    chosen = ["one", "two"]
    assert sources(pipeline.ask("产茶多少吨？", documents=chosen, years=[2019])) == {"two"}
    with pytest.raises(QuestionError, match="none of the reports asked covers 2018"):
        pipeline.ask("产茶多少吨？", documents=["two"], years=[2018])


def test_search_and_batches_are_held_to_the_filter_too(pipeline: RagPipeline):
    found = pipeline.search("产茶多少吨", top_k=20, documents=["one"])
    assert {passage.chunk.document_id for passage in found} == {"one"}
    answers = pipeline.ask_many(["茶厂产茶多少吨？"] * 2, years=[2019])
    assert [answer.short for answer in answers] == ["22吨", "22吨"]


def test_a_refusal_tells_that_the_filter_was_on(pipeline: RagPipeline):
    answer = pipeline.ask("修路多少米？", documents=["one"], strictness=1)
    assert answer.text.endswith(f"筛选后只查了1份报告；清除筛选可查全部{N_FILLERS + 4}份。")
    english = pipeline.ask("How long are the roads?", years=[2018], strictness=1)
    assert "By the filter only 1 report was asked" in english.text


def test_a_refusal_without_filter_tells_of_none(pipeline: RagPipeline):
    assert "筛选" not in pipeline.ask("修路多少米？", strictness=1).text


def test_a_place_that_the_filter_leaves_out_is_refused_by_name(pipeline: RagPipeline):
    answer = pipeline.ask("松溪县产茶多少吨？", documents=["one"], strictness=0)
    assert answer.abstained
    assert "没有关于松溪县的报告" in answer.text


def test_of_two_reports_on_one_place_only_the_chosen_one_is_read(pipeline: RagPipeline):
    question = "松溪县修路多少公里？"
    assert sources(pipeline.ask(question, top_k=20)) >= {"placed", "again"}
    assert sources(pipeline.ask(question, top_k=20, documents=["again"])) == {"again"}


def test_mentions_are_looked_for_in_the_chosen_reports_only(pipeline: RagPipeline):
    assert pipeline.ask("哪些报告提到了茶厂？", years=[2018]).short == "2018年茶叶报告"


def test_an_unknown_report_is_named(pipeline: RagPipeline):
    with pytest.raises(QuestionError, match="no report 'gone' on the shelf to ask only"):
        pipeline.ask("产茶多少吨？", documents=["one", "gone"])


def test_a_report_of_unknown_years_fits_no_year(index: Index):
    assert list(chosen_reports(index.documents, (), [2018, 2019])) == ["one", "two"]
