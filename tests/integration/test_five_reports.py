"""The product with its bundled models over the five reports, with no network to reach."""

from pathlib import Path

import pytest

from rag import RagPipeline, load_config

pytestmark = pytest.mark.integration

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def rag(tmp_path_factory):
    index = tmp_path_factory.mktemp("shelf") / "index"
    return RagPipeline.open(SEEDS, config=load_config(index=index))


def test_a_figure_is_found_and_cited_exactly(rag):
    answer = rag.ask("商州区召回不称职第一书记多少名？")
    assert answer.short == "27名"
    (citation,) = answer.citations
    text = rag.documents[citation.document_id].text
    assert citation.span.of(text) == citation.text
    assert [span.of(text) for span in citation.answer_spans] == ["27名"]
    assert rag.documents[citation.document_id].place == "商州区"


def test_a_county_that_is_not_on_the_shelf_gets_no_answer(rag):
    answer = rag.ask("巫溪县2020年有多少贫困人口脱贫？")
    assert answer.abstained
    assert answer.citations == ()
    assert answer.passages


@pytest.mark.parametrize("question", ["ስንት ሰዎች?", "?!", "\x01\x02"])
def test_what_cannot_be_understood_gets_no_answer(rag, question):
    assert rag.ask(question).abstained


def test_many_are_answered_as_one_by_one(rag):
    questions = ["渠县开办农民夜校多少所？", "What is the land area of Shizong County?"]
    together = rag.ask_many(questions)
    assert [a.short for a in together] == [rag.ask(q).short for q in questions]


def test_second_opening_finds_the_index_as_it_is(rag):
    again = RagPipeline.open(SEEDS, config=rag.config)
    assert again.index.manifest == rag.index.manifest
