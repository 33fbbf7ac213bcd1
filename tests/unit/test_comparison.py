from dataclasses import replace

import pytest

from rag.comparison import calculate, in_order, winners
from rag.comparison_plan import Comparison, plan_comparison

PLACES = ("甲山县", "乙水县", "丙林区")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("甲山县和乙水县，哪个的贫困村更多？", "甲山县贫困村有多少个？"),
        ("按报告所说，甲山县和乙水县哪个的贫困村更多？", "甲山县贫困村有多少个？"),
        ("累计发放的小额信贷,甲山县多还是乙水县多？", "甲山县累计发放的小额信贷有多少？"),
        ("甲山县与乙水县,谁派出的工作队数量更多？", "甲山县派出的工作队数量是多少？"),
        ("甲山县和乙水县相比,哪个县搬迁的人数更少？", "甲山县搬迁的人数是多少？"),
        ("甲山县、乙水县，谁的农民人均收入高？", "甲山县农民人均收入是多少？"),
        ("甲山县和乙水县,哪个更早获批退出贫困县？", "甲山县什么时候获批退出贫困县？"),
        ("甲山县和乙水县哪个先脱贫摘帽？", "甲山县什么时候脱贫摘帽？"),
        (
            "Which of Jiashan County and Yishui County has more poor villages?",
            "How many poor villages, 甲山县?",
        ),
        (
            "Did Jiashan County or Yishui County leave the poverty list earlier?",
            "When leave the poverty list, 甲山县?",
        ),
    ],
)
def test_each_place_is_asked_alone(question, asked):
    plan = plan_comparison(question, PLACES)
    assert plan is not None
    assert plan.places == ("甲山县", "乙水县")
    assert plan.questions == (asked, asked.replace("甲山县", "乙水县"))


def test_a_question_for_the_most_is_put_to_all():
    plan = plan_comparison("哪个县的森林覆盖率最低？", PLACES)
    assert plan is not None
    assert set(plan.places) == set(PLACES)
    assert plan.operation == "least"


@pytest.mark.parametrize(
    ("question", "operation", "asked"),
    [
        (
            "把甲山县、乙水县、丙林区按贫困村数量从多到少排序",
            "falling",
            "甲山县贫困村数量是多少个？",
        ),
        ("按贫困人口给三个县排名", "falling", "甲山县贫困人口有多少？"),
        ("各县的人均收入从低到高怎么排列？", "rising", "甲山县人均收入是多少？"),
        ("甲山县、乙水县、丙林区的森林覆盖率排名如何？", "falling", "甲山县森林覆盖率是多少？"),
        (
            "Rank the counties by number of poor villages",
            "falling",
            "How many poor villages, 甲山县?",
        ),
    ],
)
def test_places_are_put_in_order(question, operation, asked):
    plan = plan_comparison(question, PLACES)
    assert plan is not None
    assert (plan.operation, set(plan.places)) == (operation, set(PLACES))
    assert asked in plan.questions


@pytest.mark.parametrize(
    ("question", "places", "asked"),
    [
        ("甲山县和乙水县分别有多少贫困村？", PLACES[:2], "甲山县有多少贫困村？"),
        ("甲山县和乙水县的面积各是多少？", PLACES[:2], "甲山县面积是多少？"),
        ("三个县的面积分别是多少？", PLACES, "甲山县面积是多少？"),
        ("What is the area of Jiashan?", ("嘉善县", "甲山县"), "What is the area of 甲山县?"),
    ],
)
def test_each_is_asked_where_nothing_is_computed(question, places, asked):
    plan = plan_comparison(question, {*PLACES, "嘉善县"} if "Jia" in question else PLACES)
    assert plan is not None
    assert (plan.operation, set(plan.places)) == ("each", set(places))
    assert asked in plan.questions


def test_order_follows_the_amounts():
    plan = Comparison(PLACES, ("", "", ""), "falling", False, None)
    assert in_order(plan, ("98个", "124个", "1.1百个")) == [1, 2, 0]
    assert in_order(replace(plan, operation="rising"), ("98个", "124个", "110个")) == [0, 2, 1]
    assert in_order(plan, ("98个", "124个", "3亿元")) == []


@pytest.mark.parametrize(
    "question",
    [
        "甲山县排查了多少问题？",
        "甲山县在全国排名第几？",
        "甲山县从小到大修了几条路？",
        "甲山县有多少贫困村？",
        "甲山县分别有哪些村？",
        "What is the area of Jiashan County?",
        "甲山县大病患者由谁负责？",
        "甲山县和乙水县哪个村有大桥？",
        "甲山县的贫困村最多时有多少？",
    ],
)
def test_other_questions_are_left_alone(question):
    assert plan_comparison(question, PLACES) is None


def test_more_places_than_can_be_asked_are_not():
    many = [f"{one}{other}县" for one in "甲乙丙丁戊己庚" for other in "东西南北中外"]
    plan = plan_comparison("哪个县的森林覆盖率最低？", many[:40])
    assert plan is not None
    assert len(plan.places) == 40
    assert plan_comparison("哪个县的森林覆盖率最低？", many) is None


@pytest.mark.parametrize(
    ("question", "asks_all"),
    [
        ("三个县里哪个的贫困村最多？", True),
        ("哪里的贫困村最多？", True),
        ("Which county has the most poor villages?", True),
        ("哪个村的贫困人口最多？", False),
        ("哪个项目的投资最多？", False),
        ("Which village has the most households?", False),
    ],
)
def test_all_places_are_asked_where_one_of_them_is_asked_for(question, asks_all):
    assert (plan_comparison(question, PLACES) is not None) is asks_all


def amounts(*, largest=True, measure=None):
    return Comparison(PLACES[:2], ("", ""), "most" if largest else "least", False, measure)


def times(*, latest=False):
    return Comparison(PLACES[:2], ("", ""), "most" if latest else "least", True, None)


@pytest.mark.parametrize(
    ("plan", "answers", "best"),
    [
        (amounts(), ("98个", "124个"), [1]),
        (amounts(largest=False), ("98个", "124个"), [0]),
        (amounts(), ("7.9亿元", "43400万元"), [0]),
        (amounts(), ("1.2万人", "11,900人"), [0]),
        (amounts(), ("12%", "百分之十"), [0]),
        (amounts(), ("12%", "百分之9"), [0]),
        (amounts(), ("5726户20178人", "35295人"), [1]),
        (amounts(measure="people"), ("9000户20178人", "8000户35295人"), [1]),
        (amounts(measure="households"), ("9000户20178人", "8000户35295人"), [0]),
        (amounts(), ("98个", "98个"), [0, 1]),
        (amounts(), ("98个", "3亿元"), []),
        (amounts(), ("40亩", "3公顷"), [1]),
        (amounts(), ("45亩", "3公顷"), [0, 1]),
        (amounts(), ("4 万亩", "2500公顷"), [0]),
        (amounts(), ("1500公顷", "14平方公里"), [0]),
        (amounts(), ("1400公斤", "1.5吨"), [1]),
        (amounts(), ("900米", "1千米"), [1]),
        (amounts(), ("3公里", "2 千米"), [0]),
        (amounts(), ("3亿元", "1亿美元"), []),
        (amounts(), ("98个", "许多"), []),
        (times(), ("2019年4月30日", "2020年4月"), [0]),
        (times(latest=True), ("2019年4月30日", "2019年5月"), [1]),
        (times(), ("今年4月", "2020年"), [0]),
        (times(), ("很早", "2020年"), []),
        (times(), ("2020年4月", "2020年"), []),
        (times(), ("2019年4月", "2020年"), [0]),
    ],
)
def test_the_most_is_computed(plan, answers, best):
    assert winners(plan, answers, (frozenset({2018}), frozenset())) == best


@pytest.mark.parametrize(
    ("question", "operation", "asked"),
    [
        ("甲山县比乙水县多多少人？", None, ""),
        ("甲山县的贫困村比乙水县多多少个？", "difference", "甲山县贫困村有多少个？"),
        ("甲山县比乙水县多搬迁了多少人？", "difference", "甲山县搬迁了多少人？"),
        ("甲山县和乙水县一共搬迁了多少人？", "sum", "甲山县搬迁了多少人？"),
        ("甲山县、乙水县和丙林区的贫困村加起来有多少个？", "sum", "甲山县贫困村有多少个？"),
    ],
)
def test_sums_and_differences(question, operation, asked):
    plan = plan_comparison(question, PLACES)
    assert (plan and plan.operation) == operation
    assert plan is None or plan.questions[0] == asked


@pytest.mark.parametrize(
    ("operation", "answers", "result"),
    [
        ("sum", ("98个", "124个"), "222个"),
        ("difference", ("35295人", "5726户20178人"), "15117人"),
        ("difference", ("7.9亿元", "4.34亿元"), "3.56亿元"),
        ("difference", ("4亿元", "5000万元"), "350000000元"),
        ("difference", ("98个", "124个"), "-26个"),
        ("sum", ("98个", "3亿元"), ""),
        ("sum", ("3至5万元", "2万元"), ""),
        ("sum", ("300平方公里", "200平方千米"), "500平方公里"),
        ("sum", ("40亩", "3公顷"), ""),
    ],
)
def test_amounts_are_computed_in_their_unit(operation, answers, result):
    plan = Comparison(PLACES[:2], ("", ""), operation, False, None)
    assert calculate(plan, answers) == result
