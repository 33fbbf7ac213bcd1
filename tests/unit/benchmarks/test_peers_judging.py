import pytest

from benchmarks.peers.judging import Found, judge, rank_of_evidence, within
from rag.evaluation.questions import Question

EVIDENCE = "全县投入资金5.2亿元"


def question(*evidence: str, documents: tuple[str, ...] = ("river",)) -> Question:
    return Question("q", "投入多少？", "zh", "number", ("5.2亿元",), documents, evidence)


def found(*texts: str, document: str = "river") -> list[Found]:
    return [Found(document, text) for text in texts]


def test_rank_is_that_of_the_first_passage_that_holds_the_evidence():
    passages = found("其余不详。", "2020年，全县投入 资金５.２亿元修路。", EVIDENCE)
    assert rank_of_evidence(question(EVIDENCE), passages) == 2


def test_passage_of_another_report_does_not_count():
    assert rank_of_evidence(question(EVIDENCE), found(EVIDENCE, document="hill")) is None


def test_any_evidence_from_any_of_the_reports_counts():
    asked = question("甲县有12户", EVIDENCE, documents=("river", "hill"))
    assert rank_of_evidence(asked, found("无", EVIDENCE, document="hill")) == 2


@pytest.mark.parametrize(
    ("text", "is_hit"),
    [
        ("今年，全县投入资金", True),
        ("今年，全县投入", False),
        ("资金5.2亿元修路", True),
        ("5.2亿元修路", False),
        ("投入资金5.2", True),
        ("投入资金", False),
        ("", False),
    ],
)
def test_passage_with_half_of_the_evidence_at_its_end_hits_and_less_does_not(text, is_hit):
    hit = rank_of_evidence(question(EVIDENCE), found(text)) == 1
    assert hit == is_hit


def test_question_without_evidence_has_no_rank():
    assert rank_of_evidence(question(), found("任何文字")) is None
    assert rank_of_evidence(question(" "), found("任何文字", "")) is None


def test_first_characters_of_passages_in_a_row():
    assert within(found("一二三", "四五六", "七"), 5) == found("一二三", "四五")
    assert within(found("一二三", "四"), 3) == found("一二三")


def test_judgement_of_two_questions():
    long = "无" * 30 + EVIDENCE
    passages = [found(EVIDENCE), found("无", "无", long)]
    judged = judge([question(EVIDENCE)] * 2, passages, budget_chars=30)
    assert judged.hit_at_1.mean == 0.5
    assert judged.hit_at_5.mean == 1.0
    assert judged.hit_in_budget.mean == 0.5
    assert judged.mean_chars == pytest.approx((len(EVIDENCE) + 2 + len(long)) / 4)


def test_sixth_passage_is_too_late():
    judged = judge([question(EVIDENCE)], [found(*"一二三四五", EVIDENCE)], budget_chars=100)
    assert judged.hit_at_5.mean == 0.0


def test_each_question_has_its_passages():
    with pytest.raises(ValueError, match="zip"):
        judge([question(EVIDENCE)], [], budget_chars=100)
