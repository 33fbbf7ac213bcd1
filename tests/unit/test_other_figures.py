import pytest

from rag.other_figures import other_figures


def closed(question, text):
    return [span.of(text) for span in other_figures(question, text)]


INCOMES = "城镇居民、农村居民人均可支配收入分别增长4.5%、5.7%,物价平稳。"


def test_of_things_told_of_together_the_one_that_is_asked_for_stays():
    assert closed("农村居民收入增长百分之几？", INCOMES) == ["4.5%"]
    assert closed("城镇居民收入增长百分之几？", INCOMES) == ["5.7%"]


@pytest.mark.parametrize("question", ["居民收入增长百分之几？", "城镇和农村居民收入各增长多少？"])
def test_a_question_for_none_or_all_of_them_closes_nothing(question):
    assert closed(question, INCOMES) == []


def test_the_things_may_stand_in_the_clause_before():
    text = "接待游客3亿人次、旅游花费3700亿元,分别增长8%、8.4%。"
    assert closed("游客人次增长多少？", text) == ["8.4%"]


def test_the_word_may_be_missing_between_figures_of_one_unit():
    text = "城镇和农村人均住房面积32.9平方米、37.1平方米。"
    assert closed("农村人均住房面积多大？", text) == ["32.9平方米"]


@pytest.mark.parametrize(
    "text",
    [
        "新建学校3所、医院5所。",
        "食品、药品、玩具合格率分别达98%和99%。",
        "2017年、2018年分别脱贫3户、5户。食品安全。",
    ],
)
def test_figures_that_are_no_row_of_as_many_things_are_open(text):
    assert closed("医院药品食品合格率？", text) == []


CHANGE = "不良贷款率由6.1%下降到0.95%。"


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("不良贷款率是多少？", ["6.1%"]),
        ("2012年不良贷款率降到了多少？", ["6.1%"]),
        ("不良贷款率原来是多少？", ["0.95%"]),
        ("2012年不良贷款率是多少？", []),
        ("不良贷款率从多少降到多少？", []),
    ],
)
def test_of_a_change_the_end_that_is_asked_for_stays(question, other):
    assert closed(question, CHANGE) == other


def test_a_range_is_no_change():
    assert closed("收入多少？", "收入3000元,支出5000元。") == []


GROWTH = "安排资金5625亿元,比上年增加832亿元,占比4.7%、下降0.2个百分点。"


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("安排资金多少？", ["832亿元", "0.2个百分点"]),
        ("资金比上年多安排了多少？", ["5625亿元", "4.7%"]),
        ("资金增加多少？", ["5625亿元", "4.7%"]),
        ("增加后的资金是怎样的？", []),
    ],
)
def test_of_an_amount_and_its_growth_the_one_that_is_asked_for_stays(question, other):
    assert closed(question, GROWTH) == other


def test_growth_alone_may_tell_the_amount():
    assert closed("脱贫多少人？", "贫困人口减少832人。") == []


@pytest.mark.parametrize(
    ("question", "closed"),
    [("发放了多少贷款？", ["5万元以下"]), ("多少元以下的贷款有贴息？", [])],
)
def test_a_bound_of_what_is_told_of_is_no_amount(question, closed):
    text = "对5万元以下贷款贴息，去年发放1.8亿元，控制在2亿元以下。"
    assert [span.of(text) for span in other_figures(question, text)] == closed
