"""Each kind of file from its bytes to a citation."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from rag.chunking import chunk_document
from rag.citations import cite
from rag.cleaning import clean
from rag.config import RagConfig
from rag.errors import DocumentError
from rag.loading import load_document, load_documents
from rag.parsing.process import KINDS
from rag.parsing.worker import parser_for
from rag.records import read_documents, write_lines
from rag.types import Citation, Document, Span

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
UNREADABLE = ("encrypted.pdf", "scanned.pdf")
READABLE = sorted(path.name for path in DOCUMENTS.iterdir() if path.name not in UNREADABLE)
CONFIG = RagConfig()


@cache
def load(name: str) -> Document:
    return load_document(DOCUMENTS / name, CONFIG)


def cite_value(document: Document, value: str) -> Citation:
    for chunk in chunk_document(document, CONFIG.chunk_chars):
        if (start := chunk.text.find(value)) >= 0:
            return cite(chunk, [Span(start, start + len(value))], document)
    raise AssertionError(f"{value} is in no chunk")


@pytest.mark.parametrize(
    ("name", "value", "quoted", "page"),
    [
        ("report.pdf", "41.6万人", "总人口41.6万人，其中农业人口33.2万人。", 1),
        ("report.pdf", "12,860万元", "投入资金12,860万元，其中中央资金8120万元。", 1),
        ("report.pdf", "解决", "全县新建和改造农村公路300公里，架设桥梁12座，", 1),
        ("report.pdf", "四十二个百分点", "通村客车开通率达到百分之百", 2),
        ("report.pdf", "85公里", "再改造农村公路85公里", 4),
        ("two_columns.pdf", "300 kilometres", "The county built 300 kilometres of rural roads", 1),
        ("report.docx", "412户", "白水镇完成危房改造412户，新建卫生室9所。", None),
        ("report.docx", "75.2万元", "村名：河西村；收入/种植：98万元；收入/务工：75.2万元", None),
        ("news.html", "210户", "全县还有210户贫困户没有脱贫。", None),
        ("article.html", "86.5万元", "村名：河东村；收入/茶叶：120万元；收入/务工：86.5万元", None),
        ("old.htm", "310万立方米", "水库：龙潭水库；库容（万立方米）：310万立方米。", None),
        ("counties.csv", "1200万元", "县：甲县；贫困村（个）：98个；投资（万元）：1200万元", None),
        ("budget.csv", "86万元", "收入/务工：86万元；支出：1,240万元；年份：2019年。", None),
        (
            "investment.xlsx",
            "98.5%",
            "乡镇：河东镇；中央：1200万元；地方：350.5万元；完成率：98.5%",
            None,
        ),
    ],
)
def test_a_known_value_is_cited_exactly(name: str, value: str, quoted: str, page: int | None):
    document = load(name)
    citation = cite_value(document, value)
    assert citation.span.of(document.text) == citation.text
    assert [span.of(document.text) for span in citation.answer_spans] == [value]
    assert quoted in citation.text
    assert citation.page == page


@pytest.mark.parametrize("name", READABLE)
def test_text_is_canonical(name: str):
    extract = parser_for(name)((DOCUMENTS / name).read_bytes(), name)
    assert clean(extract.text) == extract.text
    assert extract.text.strip() == extract.text != ""


def test_pages_cover_the_text_in_order():
    document = load("report.pdf")
    assert len(document.pages) == 4
    assert "".join(page.of(document.text) for page in document.pages) == document.text
    assert document.pages[1].of(document.text).startswith("硬化路，群众出行难")


def test_pages_are_kept_in_the_index(tmp_path: Path):
    documents = [load("report.pdf"), load("report.docx")]
    write_lines(tmp_path / "documents.jsonl", documents)
    assert read_documents(tmp_path / "documents.jsonl") == documents


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("scanned.pdf", "looks scanned; make its text readable by OCR"),
        ("encrypted.pdf", "password"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_what_to_do(name: str, message: str):
    with pytest.raises(DocumentError, match=rf"{name}: .*{message}"):
        load(name)


def test_headings_become_sections():
    assert titles(load("report.docx")) == [
        "一、工作成效",
        "（一）资金投入",
        "表1 白水镇各村收入情况",
    ]
    assert titles(load("report.pdf")) == [
        "基本情况",
        "主要成效",
        "基础设施",
        "产业扶贫",
        "存在的问题",
        "下一步打算",
    ]


def titles(document: Document) -> Sequence[str]:
    return [section.title for section in document.sections]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("report.pdf", "溪口县2019年脱贫攻坚工作报告"),
        ("report.docx", "白水镇2020年工作总结"),
        ("news.html", "溪口县召开扶贫工作会议"),
        ("article.html", "白水镇产业发展情况"),
        ("budget.csv", "溪口县2019年收支情况"),
    ],
)
def test_title_is_found(name: str, title: str):
    assert load(name).title == title


def test_bad_files_are_told_and_the_next_one_is_read(tmp_path: Path):
    good = (DOCUMENTS / "report.docx").read_bytes()
    (tmp_path / "a.docx").write_bytes(good[: len(good) // 2])
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 nothing")
    (tmp_path / "c.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old")
    (tmp_path / "d.docx").write_bytes(good)
    result = load_documents([tmp_path], CONFIG)
    assert [document.document_id for document in result.documents] == ["d"]
    messages = [problem.message for problem in result.problems]
    assert messages[0].startswith("a.docx: is damaged or no DOCX file (BadZipFile: ")
    assert messages[1].startswith("b.pdf: is damaged or no PDF file (")
    assert messages[2].startswith("c.xlsx: is in an old Office format or has a password")
    assert not any("\n" in message for message in messages)


def test_a_file_that_takes_too_long_is_told_and_the_next_one_is_read(tmp_path: Path):
    (tmp_path / "a.csv").write_text("县,村\n甲县,98\n")
    (tmp_path / "b.txt").write_text("溪口县修路三百公里。")
    result = load_documents([tmp_path], replace(CONFIG, max_parse_seconds=0.1))
    assert [document.document_id for document in result.documents] == ["b"]
    assert "is not read after 0.1 seconds (max_parse_seconds)" in result.problems[0].message


@pytest.mark.parametrize(
    ("suffix", "advice"),
    [(".doc", "save it as DOCX or PDF"), (".xls", "save it as XLSX"), (".ppt", "save it as PDF")],
)
def test_old_kinds_say_what_to_save_them_as(tmp_path: Path, suffix: str, advice: str):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"x")
    with pytest.raises(DocumentError, match=f"a{suffix}: cannot read this kind; {advice}"):
        load_document(path, CONFIG)


@pytest.mark.parametrize("suffix", KINDS)
def test_every_kind_has_a_parser(suffix: str):
    assert callable(parser_for(f"a{suffix.upper()}"))
