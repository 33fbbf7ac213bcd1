from rag.repeats import find_repeated
from rag.sentences import split_sentences
from rag.types import Span

LINES = [
    f"第{n}条：{name}村修通道路{n}公里，受益群众{n * 37}人，群众十分满意。"
    for n, name in enumerate("甲乙丙丁戊己庚辛", start=1)
]


def repeated(text: str) -> tuple[Span, ...]:
    return find_repeated(text, split_sentences(text))


def test_an_article_held_twice_is_found_once():
    article = "\n".join(LINES)
    text = f"题目\n{article}\n{article}"
    assert repeated(text) == (Span(len(article) + 4, len(text)),)


def test_changed_headings_and_widths_belong_to_the_copy():
    first = "\n".join([*LINES[:4], "抓重点破瓶颈", *LINES[4:]])
    second = "\n".join([*LINES[:4], "抓重点 谋突破", *LINES[4:]]).replace("，", ",")
    text = f"{first}\n{second}"
    assert repeated(text) == (Span(len(first) + 1, len(text)),)


def test_a_changed_figure_is_no_copy():
    first = "\n".join([*LINES[:4], "全县共减贫300人。", *LINES[4:]])
    second = "\n".join([*LINES[:4], "全县共减贫400人。", *LINES[4:]])
    spans = repeated(f"{first}\n{second}")
    changed = len(first) + 1 + second.index("全县共减贫400人")
    assert len(spans) == 2
    assert not any(span.start <= changed < span.end for span in spans)


def test_short_phrases_may_recur():
    assert repeated("坚持以人民为中心。修路。坚持以人民为中心。通水。坚持以人民为中心。") == ()


def test_rows_of_a_table_may_recur():
    assert repeated("是\n否\n" * 300) == ()


def test_empty_text():
    assert repeated("") == ()
