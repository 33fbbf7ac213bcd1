import pytest

from rag.errors import DocumentError
from rag.metadata import Given, describe, parse_sidecar, split_front_matter

REPORT = """溪口县2018年至2019年道路建设总结报告

  • 溪口县交通局
  • 2020-03-04 09:30

2018年以来,溪口县坚持把道路建设作为头等大事来抓,全县累计建成农村公路三百公里,群众出行难题得到解决。

一、基本情况

溪口县辖三镇两乡。

二、下一步工作

(一)继续修路。全县再修一百公里。"""


def test_all_is_derived():
    document = describe("a", "h", REPORT)
    assert document.title == "溪口县2018年至2019年道路建设总结报告"
    assert (document.place, document.published) == ("溪口县", "2020-03-04")
    assert document.years == (2018, 2019)
    assert [s.title for s in document.sections] == ["基本情况", "下一步工作", "继续修路"]


def test_what_is_given_wins():
    given = Given("新题", "白水镇", (2001,), "2002-03")
    document = describe("a", "h", REPORT, given)
    found = (document.title, document.place, document.years, document.published)
    assert found == ("新题", "白水镇", (2001,), "2002-03")


def test_text_without_anything_is_named_after_its_file():
    assert describe("note-7", "h", "。。。").title == "note-7"


def test_sections_of_repeated_text_are_left_out():
    article = "\n".join(
        f"一、{name}\n{name}村修通道路三十公里,受益群众两千人,今年继续修建便民桥和饮水工程,群众满意。"
        for name in ("东山", "西河", "南坡", "北岭")
    )
    document = describe("a", "h", f"某地道路报告\n{article}\n{article}")
    assert len(document.repeated) == 1
    assert len(document.sections) == 4


def test_front_matter_is_no_text():
    given, text = split_front_matter("---\ntitle: 新题\nyears: 2018-2019\nauthor: x\n---\n\n正文。")
    assert given == Given("新题", None, (2018, 2019), None)
    assert text == "正文。"


@pytest.mark.parametrize(
    "text", ["---\n正文\n---\n后文", "---\nauthor: x\n---\n后文", "--- 题\n正文", "---\ntitle: x"]
)
def test_dashes_alone_are_no_front_matter(text: str):
    assert split_front_matter(text) == (Given(), text)


def test_sidecar():
    given = parse_sidecar('{"place": "白水镇", "years": [2020, 2019], "note": 1}', "a.meta.json")
    assert given == Given(None, "白水镇", (2019, 2020), None)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"title": 5}', '{"years": "soon"}', '{"published": "May 2020"}']
)
def test_wrong_sidecar_is_named(content: str):
    with pytest.raises(DocumentError, match=r"a\.meta\.json: "):
        parse_sidecar(content, "a.meta.json")


def test_rows_of_a_table_do_not_tell_what_a_report_is_about():
    rows = (
        "县：甲县；竣工日期：2019-11-05；投资：3元。\n县：乙县；竣工日期：2019-12-05；投资：4元。"
    )
    document = describe("各县投资", "h", rows)
    assert (document.title, document.place, document.published) == ("各县投资", None, None)
    assert describe("x", "h", f"溪口县道路建设报告\n\n{rows}").place == "溪口县"


def test_a_text_without_a_title_is_called_as_its_file():
    body = "近年来,累计建成农村公路三百公里,村村通路,群众出行不再难,日子一天比一天好。"
    document = describe("2020年溪口县工作报告", "h", f"{body}\n一、成效\n{body}")
    assert (document.title, document.place) == ("2020年溪口县工作报告", "溪口县")
    assert document.years == (2020,)
