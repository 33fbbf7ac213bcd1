import pytest

from rag.errors import DocumentError
from rag.parsing.html import parse_html


def text_of(page: str, encoding: str = "utf-8") -> str:
    return parse_html(page.encode(encoding), "a.html").text


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="gb2312">', "gb18030"),
        ("<meta http-equiv=Content-Type content='text/html; charset=GBK'>", "gb18030"),
        ('<?xml version="1.0" encoding="big5"?>', "big5"),
        ('<meta charset="utf-8">', "utf-8-sig"),
        ('<meta charset="gb2312">', "utf-16"),
        ('<meta charset="utf-8">', "gb18030"),
        ('<meta charset="no-such">', "utf-8"),
        ("", "gb18030"),
    ],
)
def test_the_encoding_is_found(head: str, encoding: str):
    body = "<p>我們的工作報告，二零一九年，修路三百公里。</p>"
    assert text_of(head + body, encoding) == "我們的工作報告，二零一九年，修路三百公里。"


def test_what_stands_around_the_content_goes():
    page = (
        "<script>脚本</script><style>样式</style><nav>导航</nav><header>页头</header>"
        "<p hidden>隐</p><p style='DISPLAY : none'>藏</p><p aria-hidden=true>无</p><!-- 注 -->"
        "<form><input value=x>搜索</form><p>正文很长，说的是修路三百公里。</p>"
        "<aside>旁</aside><footer>页脚</footer>"
    )
    assert text_of(page) == "正文很长，说的是修路三百公里。"


def test_main_content_is_taken_only_if_it_holds_most_of_the_text():
    long, short = "修路三百公里，架桥十二座。", "短文。"
    assert text_of(f"<main>{long}</main><div>{short}</div>") == long
    assert text_of(f"<main>{short}</main><div>{long}</div>") == f"{short}\n\n{long}"


def test_blocks_that_are_mostly_links_go():
    links = "".join(f"<li><a href={n}>第{n}条新闻</a></li>" for n in range(4))
    assert text_of(f"<ul>{links}</ul><p>正文<a href=x>见此</a>。</p>") == "正文见此。"


def test_a_form_around_the_whole_page_stays():
    assert (
        text_of("<form>登录</form><form><p>正文很长很长很长。</p></form>") == "正文很长很长很长。"
    )


def test_headings_lists_and_breaks_become_lines():
    page = "<h1>甲<br>乙</h1><p>一<br>二</p><ul><li>三</li><li><p>四</p></li></ul><pre>五\n六</pre>"
    assert text_of(page) == "# 甲乙\n\n一\n二\n\n- 三\n\n- 四\n\n五\n六"


def test_line_ends_of_the_source_are_blanks_between_latin_words_only():
    assert text_of("<p>修路\n三百<b>公里</b>, well-\nknown <i>road</i>\n works</p>") == (
        "修路三百公里, well- known road works"
    )


def test_the_title_is_used_only_without_a_first_heading():
    head = "<title>县情简介 - 某网站</title>"
    assert text_of(f"{head}<p>正文。</p>") == "# 县情简介\n\n正文。"
    assert text_of(f"{head}<h1>标题</h1><p>正文。</p>") == "# 标题\n\n正文。"


def test_merged_cells_and_headers_of_a_table():
    page = (
        "<table><tr><th rowspan=2>县<th colspan=2>收入（元）<tr><th>工资<th>务工"
        "<tr><td rowspan=2>甲县<td>1<td>2<tr><td colspan=2>无</table>"
    )
    assert text_of(page) == (
        "县：甲县；收入（元）/工资：1元；收入（元）/务工：2元。\n"
        "县：甲县；收入（元）/工资：无；收入（元）/务工：无。"
    )


def test_headers_in_the_first_column():
    page = "<table><tr><th>项目<td>道路<tr><th>投资（元）<td>350</table>"
    assert text_of(page) == "项目：道路；投资（元）：350元。"


def test_tables_that_only_arrange_the_page_are_no_tables():
    page = "<table><tr><td>左栏<td><h2>标题</h2><p>正文。<tr><td>下<td>栏</table>"
    assert text_of(page) == "左栏\n\n## 标题\n\n正文。\n\n下\n\n栏"


def test_thousands_of_open_tags_are_read():
    assert text_of("<div>" * 3000 + "<p>甲" + "<font>" * 3000 + "乙") == "甲乙"


def test_a_table_that_claims_too_many_cells_is_refused():
    page = "<table><tr><td colspan=1000 rowspan=1000>x<td>y<tr><td>1<td>2</table>"
    with pytest.raises(DocumentError, match=r"a\.html: its tables have \d+ cells or more"):
        text_of(page)


@pytest.mark.parametrize("page", ["", " ", "<html></html>", "<!-- x -->"])
def test_a_page_without_text_gives_none(page: str):
    assert text_of(page) == ""
