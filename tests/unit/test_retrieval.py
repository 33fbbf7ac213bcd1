from dataclasses import replace

import pytest

from embeddings.stores import Hit
from rag.config import RagConfig
from rag.index import build_index
from rag.retrieval import (
    BM25Retriever,
    DenseRetriever,
    HybridRetriever,
    Retriever,
    take_in_turn,
)
from rag.types import Document
from tests.fakes import HashEncoder

TEXTS = {
    "甲": ("东禾县", "全县种茶八百亩。\n\n全县修路二十公里。\n\n全县养蚕五千张。"),
    "乙": ("冬河区", "全区种茶九十亩。\n\n全区修路三公里。\n\n全区向东禾县卖茶。"),
    "丙": (None, "种茶要用好水。\n\n修路要用石头。"),
}


class CountingEncoder(HashEncoder):
    n_batches = 0

    def encode_queries(self, texts, *, show_progress=False):
        self.n_batches += 1
        return super().encode_queries(texts)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return RagConfig(index=tmp_path_factory.mktemp("index"), chunk_chars=50, n_candidates=20)


@pytest.fixture(scope="module")
def index(config):
    shelf = []
    for name, (place, text) in TEXTS.items():
        # Long enough that each paragraph is a chunk of its own.
        padded = "\n\n".join(p + f"这是{p[2:4]}的情况说明" * 4 + "。" for p in text.split("\n\n"))
        shelf.append(Document(name, f"hash {name}", padded, f"{name}报告", place=place))
    return build_index(shelf, HashEncoder(), config)


@pytest.fixture
def hybrid(index, config):
    return HybridRetriever(index, HashEncoder(), config)


def documents(passages):
    return [passage.chunk.document_id for passage in passages]


@pytest.mark.parametrize("kind", ["dense", "bm25", "hybrid"])
def test_every_retriever_ranks_from_one_and_scores_down(index, config, kind):
    made: dict[str, Retriever] = {
        "dense": DenseRetriever(index, HashEncoder()),
        "bm25": BM25Retriever(index),
        "hybrid": HybridRetriever(index, HashEncoder(), config),
    }
    found = made[kind].retrieve("种茶多少亩", 4)
    assert [p.rank for p in found] == [1, 2, 3, 4]
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    assert {p.retriever for p in found} == {kind} == {made[kind].name}
    assert "种茶" in found[0].chunk.text
    assert found == made[kind].retrieve("种茶多少亩", 4)


def test_question_that_names_no_place_searches_all(hybrid):
    assert set(documents(hybrid.retrieve("种茶", 10))) == {"甲", "乙", "丙"}


def test_named_place_keeps_to_its_report_and_to_chunks_that_name_it(hybrid):
    found = hybrid.retrieve("东禾县种茶多少亩？", 10)
    assert "种茶八百亩" in found[0].chunk.text
    assert set(documents(found)) == {"甲", "乙"}
    assert all("东禾县" in p.chunk.text for p in found if p.chunk.document_id == "乙")


def test_romanised_place_finds_its_report_though_no_word_is_shared(hybrid):
    assert set(documents(hybrid.retrieve("How much tea in Donghe District?", 3))) == {"乙"}
    assert set(documents(hybrid.retrieve("How much tea in Donghe?", 10))) == {"甲", "乙"}


def test_two_places_give_passages_in_turn(hybrid):
    found = hybrid.retrieve("东禾县和冬河区哪个种茶更多？", 4)
    assert documents(found)[:2] == ["甲", "乙"]
    assert all("种茶" in p.chunk.text for p in found[:2])
    assert [p.rank for p in found] == [1, 2, 3, 4]


def test_places_can_be_switched_off(index, config):
    retriever = HybridRetriever(index, HashEncoder(), config, use_places=False)
    assert set(documents(retriever.retrieve("东禾县种茶", 10))) == {"甲", "乙", "丙"}


def test_batch_gives_what_single_queries_give_and_encodes_once(index, config):
    encoder = CountingEncoder()
    retriever = HybridRetriever(index, encoder, config)
    queries = ["种茶", "冬河区修路", "roads", ""]
    together = retriever.retrieve_many(queries, 3)
    assert encoder.n_batches == 1
    assert together == [retriever.retrieve(query, 3) for query in queries]
    assert retriever.retrieve_many([], 3) == []


def test_huge_query_is_searched(hybrid):
    assert len(hybrid.retrieve("种茶" * 5000, 2)) == 2


def test_fusion_by_ranks_is_a_setting(index, config):
    retriever = HybridRetriever(index, HashEncoder(), replace(config, fusion="ranks"))
    found = retriever.retrieve("东禾县种茶多少亩", 3)
    assert "种茶" in found[0].chunk.text
    assert found[0].score == pytest.approx(1 / 61)


def test_scores_lie_between_0_and_1(hybrid):
    assert all(0 <= p.score <= 1 for p in hybrid.retrieve("东禾县种茶多少亩", 10))


def test_fact_in_one_sentence_of_a_long_chunk_is_found_by_its_window(tmp_path):
    filler = "全县上下认真学习会议精神,压实各级责任,做好各项工作。"
    texts = [filler * 9, filler * 4 + "蜂箱共有七百二十只。" + filler * 4]
    shelf = [Document(str(n), str(n), text, "报告") for n, text in enumerate(texts)]
    config = RagConfig(index=tmp_path / "index", chunk_chars=300)
    index = build_index(shelf, HashEncoder(), config)
    by_window = HybridRetriever(index, HashEncoder(), config, lexical_weight=0, window_weight=1)
    assert "蜂箱" in by_window.retrieve("蜂箱共有多少只", 1)[0].chunk.text


def test_take_in_turn():
    a, b, c = (Hit(name, 1.0) for name in "abc")
    assert take_in_turn([[a, b], [a, c]], 10) == [a, b, c]
    assert take_in_turn([[a, b], [c]], 2) == [a, c]
    assert take_in_turn([], 5) == []
