"""A running pipeline takes over another generation of the index."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.errors import IndexMismatchError
from rag.index import Index, build_index
from rag.metadata import describe
from rag.pipeline import RagPipeline
from rag.retrieval import HybridRetriever
from rag.types import Answer, SourceFile, Stage
from tests.fakes import HashEncoder
from tests.unit.test_pipeline import CopyReader

QUESTION = "溪口县修路多少公里？"
OLD = "溪口县道路报告\n2019年，溪口县修路300公里。"
NEW = "溪口县道路报告\n2019年，溪口县修路300公里，其中新修70公里。"
WATER = "白水镇饮水报告\n2020年，白水镇通水5村。"


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    return RagConfig(index=tmp_path / "index")


def make_index(config: RagConfig, **texts: str) -> Index:
    documents = [describe(name, text[-9:], text) for name, text in texts.items()]
    return build_index(documents, HashEncoder(), config)


@pytest.fixture
def pipeline(config: RagConfig) -> RagPipeline:
    index = make_index(config, roads=OLD, water=WATER)
    retriever = HybridRetriever(index, HashEncoder(), config)
    return RagPipeline(index, retriever, CopyReader("300公里"), config)


def test_next_question_is_answered_from_the_new_generation(
    pipeline: RagPipeline, config: RagConfig
):
    pipeline.take_over(make_index(config, roads=NEW))
    assert list(pipeline.documents) == ["roads"]
    assert pipeline.ask(QUESTION).citations[0].text == NEW.split("\n")[1]


def test_the_old_generation_is_let_go_at_once(pipeline: RagPipeline, config: RagConfig):
    # Not with the next collection of cycles: a shelf that changes often would pile them up.
    pipeline.ask(QUESTION)
    old = weakref.ref(pipeline.index.lexical)
    new = make_index(config, roads=NEW)
    gc.collect()
    gc.disable()
    try:
        pipeline.take_over(new)
        assert old() is None
    finally:
        gc.enable()


def test_the_new_generation_tells_its_version_and_its_files(
    pipeline: RagPipeline, config: RagConfig
):
    before = pipeline.versions["index"]
    index = make_index(config, roads=NEW)
    source = SourceFile("/reports/roads.txt", "h")
    pipeline.take_over(replace(index, manifest=replace(index.manifest, sources=(source,))))
    assert pipeline.versions["index"] == index.generation != before
    assert pipeline.index.manifest.sources == (source,)


def test_question_under_way_finishes_on_the_old_generation(
    pipeline: RagPipeline, config: RagConfig
):
    steps = pipeline.stream(QUESTION)
    assert next(steps) == Stage("searching")
    pipeline.take_over(make_index(config, water=WATER))
    *_, answer = steps
    assert isinstance(answer, Answer)
    assert answer.citations[0].text == OLD.split("\n")[1]
    assert pipeline.ask(QUESTION).abstained


def test_citation_into_a_removed_report_no_longer_stands(pipeline: RagPipeline, config: RagConfig):
    answer = pipeline.ask(QUESTION)
    pipeline.take_over(make_index(config, water=WATER))
    assert pipeline.verify(answer).abstained


def test_every_answer_is_of_one_generation_while_they_change(
    pipeline: RagPipeline, config: RagConfig
):
    generations = [make_index(config, roads=NEW), make_index(config, roads=OLD, water=WATER)]
    done = threading.Event()

    def change() -> None:
        for index in cycle(generations):
            pipeline.take_over(index)
            if done.is_set():
                return

    def ask() -> set[str]:
        answers = [pipeline.ask(QUESTION) for _ in range(20)]
        return {answer.citations[0].text for answer in answers}

    with ThreadPoolExecutor() as threads:
        changing = threads.submit(change)
        try:
            asking = [threads.submit(ask) for _ in range(3)]
            found = set[str]().union(*(each.result() for each in asking))
        finally:
            done.set()
        changing.result()
    assert found == {OLD.split("\n")[1], NEW.split("\n")[1]}


def test_generation_of_another_encoder_is_refused(pipeline: RagPipeline, config: RagConfig):
    document = describe("roads", "h", NEW)
    other = build_index([document], HashEncoder(model_id="hash@2"), config)
    with pytest.raises(IndexMismatchError, match="model_id 'hash@2', this program wants 'hash@1'"):
        pipeline.take_over(other)
    assert pipeline.documents["roads"].text == OLD
