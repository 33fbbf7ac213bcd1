"""The chat page over two invented reports, one of them hostile; run by the browser tests."""

from rag.types import Document, Section, Span
from tests.fakes import FakePipeline, make_answer

FACT = "2019年底，青石县累计建成光伏电站41座，年均发电收入1,260.5万元，带动脱贫户3,804户。"
PLAIN_TEXT = (
    "青石县产业发展总结报告\n一、基本情况\n"
    "青石县位于云岭山脉南麓，辖12个乡镇136个行政村，总人口28.4万人。\n"
    "二、产业扶贫\n五年来，全县坚持把产业发展作为根本之策。" + FACT + "\n"
    "累计发放小额信贷资金3.2亿元，新建标准化茶园8,200亩。\n"
    "三、下一步打算\n继续巩固成果，推进乡村振兴。\n"
)
QUESTION = "青石县光伏电站的年均发电收入是多少？"
SHORT = "1,260.5万元"

HOSTILE = (
    "<img src=x onerror=alert(1)> <script>alert(2)</script> ![p](http://198.51.100.7/p.png) "
    "[l](javascript:alert(3)) $$x^2$$ **bold** `code` ${alert(4)} {{alert}} </blockquote>"
    "<style>body{display:none}</style> \u202egnp.exe 白沙镇投资77万元。"
)
HOSTILE_QUESTION = "白沙镇投资多少？ <img src=x onerror=alert(5)> [x](http://198.51.100.7/) **b**"


def section(text: str, title: str, start: str, end: str) -> Section:
    return Section(title, 1, Span(text.index(start), text.index(end)))


def plain() -> Document:
    sections = (
        section(PLAIN_TEXT, "基本情况", "一、", "二、"),
        section(PLAIN_TEXT, "产业扶贫", "二、", "三、"),
    )
    return Document(
        "qingshi",
        "0" * 64,
        PLAIN_TEXT,
        "青石县产业发展总结报告",
        "青石县",
        (2016, 2020),
        sections=sections,
    )


def hostile() -> Document:
    sections = (Section("<b onmouseover=alert(6)>节</b> *s*", 1, Span(0, len(HOSTILE))),)
    title = "<img src=x onerror=alert(7)> *白沙镇* [t](http://198.51.100.7/)"
    return Document(
        "<hostile>", "1" * 64, HOSTILE, title, "<i>白沙镇</i>", (2018,), sections=sections
    )


def build(pause_seconds: float = 0.02) -> FakePipeline:
    good, bad = plain(), hostile()
    passage = PLAIN_TEXT[PLAIN_TEXT.index("五年来") : PLAIN_TEXT.index("三、")]
    answers = {
        QUESTION: make_answer(QUESTION, good, passage, FACT, SHORT),
        HOSTILE_QUESTION: make_answer(HOSTILE_QUESTION, bad, HOSTILE, HOSTILE, HOSTILE),
    }
    documents = {good.document_id: good, bad.document_id: bad}
    return FakePipeline(documents, answers, pause_seconds=pause_seconds)
