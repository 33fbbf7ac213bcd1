import pytest

from rag.evaluation.evidence import EvidenceLocator
from rag.evaluation.questions import Question
from rag.evaluation.retrieval_metrics import gold_rank, hit_at, reciprocal_rank_at
from rag.types import Chunk, Document, Passage, Span

TEXT = "青河县共有贫困户12户。 2020年，全县投入 资金５.２亿元修路。其余不详。"
DOCUMENTS = {"river": Document("river", "0", TEXT, "青河县报告")}
EVIDENCE = "全县投入资金5.2亿元修路"


def passage(start: int, end: int, document: str = "river") -> Passage:
    chunk = Chunk("c", document, Span(start, end), TEXT[start:end], "")
    return Passage(chunk, 1.0, 1, "fake")


def locate(*evidence: str, document: str = "river"):
    question = Question("q", "?", "zh", "number", ("5",), (document,), evidence)
    return EvidenceLocator(DOCUMENTS).locate(question)


def test_evidence_is_located_whatever_width_and_white_space():
    (found,) = locate(EVIDENCE)
    (place,) = found.places
    assert place.span.of(TEXT) == "全县投入 资金５.２亿元修路"


def test_evidence_in_another_report_is_not_located():
    assert locate(EVIDENCE, document="hill")[0].places == ()
    assert locate("此处没有")[0].places == ()


def test_repeated_evidence_has_every_place():
    documents = {"twice": Document("twice", "0", "修路。修路。", "")}
    question = Question("q", "?", "zh", "how", ("修路",), (), ("修路",))
    (found,) = EvidenceLocator(documents).locate(question)
    assert [place.span for place in found.places] == [Span(0, 2), Span(3, 5)]


def test_rank_is_that_of_the_first_passage_that_holds_the_evidence():
    start = TEXT.index("全县")
    passages = [passage(0, 10), passage(start - 3, start + 16), passage(0, len(TEXT))]
    assert gold_rank(passages, locate(EVIDENCE)) == 2


def test_passage_with_half_of_the_evidence_hits_and_less_does_not():
    (place,) = locate(EVIDENCE)[0].places
    half = place.span.start + (len(place.span) + 1) // 2
    assert gold_rank([passage(place.span.start, half)], locate(EVIDENCE)) == 1
    assert gold_rank([passage(place.span.start, half - 1)], locate(EVIDENCE)) is None


def test_overlap_in_another_report_does_not_hit():
    (place,) = locate(EVIDENCE)[0].places
    elsewhere = Chunk("c", "hill", place.span, "别的文字", "")
    assert gold_rank([Passage(elsewhere, 1.0, 1, "fake")], locate(EVIDENCE)) is None


def test_no_passages_or_no_evidence_is_no_rank():
    assert gold_rank([], locate(EVIDENCE)) is None
    assert gold_rank([passage(0, 5)], ()) is None


def test_hit_and_reciprocal_rank_on_a_small_set():
    ranks, counts = [1, 3, None, None], [True, True, True, False]
    assert hit_at(ranks, 1, counts).mean == pytest.approx(1 / 3)
    assert hit_at(ranks, 5, counts).values == (1.0, 1.0, 0.0, None)
    assert reciprocal_rank_at(ranks, 2, counts).values == (1.0, 0.0, 0.0, None)
    assert reciprocal_rank_at([], 10, []).mean is None
