import pytest

from rag.figures import find_figures
from rag.reader.answer_spans import settle, trim, whole_clause, with_name
from rag.types import Span


@pytest.mark.parametrize(
    ("answer", "trimmed"),
    [
        ("1200户。", "1200户"),
        ("烟农贷”", "烟农贷"),
        ("“烟农贷”“林果贷”", "“烟农贷”“林果贷”"),
        ("、(场)12.5%", "(场)12.5%"),
        ("《规划》", "《规划》"),
        ("《规划", "规划"),
        ("。，", ""),
    ],
)
def test_loose_ends_are_trimmed(answer, trimmed):
    passage = f"甲{answer}乙"
    assert trim(passage, Span(1, 1 + len(answer))).of(passage) == trimmed


@pytest.mark.parametrize(
    ("passage", "pointed", "settled"),
    [
        ("推出“烟农贷”“林果贷”两种", "烟农贷”“林果贷”", "“烟农贷”“林果贷”"),
        ("推出“烟农贷”“林果贷”两种", "“烟农贷”“林果贷", "“烟农贷”“林果贷”"),
        ("推出“烟农贷”两种", "烟农贷", "烟农贷"),
        ("投入713公里管线", "713", "713公里"),
        ("搬迁3.5万余人", "3.5万", "3.5万余人"),
        ("面积12平方公里", "12平方", "12平方公里"),
        ("2019年2月17日至2月23日", "2019年2", "2019年2月"),
    ],
)
def test_quotes_and_figures_are_made_whole(passage, pointed, settled):
    assert _settled(passage, "情况怎样？", pointed) == settled


@pytest.mark.parametrize(
    ("question", "pointed", "settled"),
    [
        ("送出多少人？", "10批次7905人", "7905人"),
        ("搬迁多少户？", "1204户5020人", "1204户"),
        ("搬迁多少户多少人？", "1204户5020人", "1204户5020人"),
        ("识别出多少户、多少贫困人口？", "1204户5020人", "1204户5020人"),
        ("搬迁多少人？", "1204户共5020人", "1204户共5020人"),
        ("几月几日开工？", "2019年3月5日", "2019年3月5日"),
        ("搬迁多少套？", "1204户5020人", "1204户5020人"),
        ("浓度下降百分之几？", "27克/立方米、降11%", "11%"),
        ("搬迁多少户？", "1204户,老人5020人", "1204户"),
    ],
)
def test_of_figures_that_touch_the_one_asked_for_stays(question, pointed, settled):
    assert _settled(f"共{pointed}。", question, pointed) == settled


def _settled(passage: str, question: str, pointed: str) -> str:
    start = passage.index(pointed)
    span = Span(start, start + len(pointed))
    return settle(passage, find_figures(passage), question, span).of(passage)


@pytest.mark.parametrize(
    ("passage", "pointed", "clause"),
    [
        (
            "通水了。反馈的问题、意见已全部整改,建章立制。",
            "反馈的问题",
            "反馈的问题、意见已全部整改",
        ),
        ("一是整改:投入1,200万元修路", "修路", "投入1,200万元修路"),
        ("已全部整改", "已全部整改", "已全部整改"),
    ],
)
def test_the_evidence_of_yes_and_no_is_a_whole_clause(passage, pointed, clause):
    start = passage.index(pointed)
    assert whole_clause(passage, Span(start, start + len(pointed))).of(passage) == clause


@pytest.mark.parametrize(
    ("question", "settled"),
    [
        ("实施什么规划？", "环境保护总体规划"),
        ("实施哪项规划来治理？", "环境保护总体规划"),
        ("实施什么工程？", "环境保护总体"),
        ("什么规划得到实施？", "环境保护总体"),
    ],
)
def test_a_name_takes_the_noun_that_is_asked_for(question, settled):
    assert _settled("制定环境保护总体规划。", question, "环境保护总体") == settled


@pytest.mark.parametrize(
    ("passage", "question", "answer"),
    [
        ("患者李长见说：“好。”", "患者叫什么名字？", "李长见"),
        ("患者李长说：“好。”", "患者叫什么名字？", "李长"),
        ("患者李长，今年好了。", "患者是谁？", "李长"),
        ("患者李长与家人同住。", "患者是谁？", "李长"),
        ("患者李长见说：“好。”", "患者在哪个镇？", "李长"),
        ("患者大夫见说：“好。”", "患者叫什么名字？", "大夫"),
    ],
)
def test_a_name_keeps_its_third_character(passage, question, answer):
    span = Span(2, 4)
    assert with_name(passage, question, span).of(passage) == answer
