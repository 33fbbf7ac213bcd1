"""CSV, XLSX and DOCX: what their tables and paragraphs become."""

import io
from datetime import date, datetime

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from openpyxl import Workbook

from rag.errors import DocumentError
from rag.parsing.csv_files import parse_csv
from rag.parsing.docx import parse_docx
from rag.parsing.xlsx import parse_xlsx


def docx_text(document) -> str:
    out = io.BytesIO()
    document.save(out)
    return parse_docx(out.getvalue(), "a.docx").text


def xlsx_text(workbook: Workbook) -> str:
    out = io.BytesIO()
    workbook.save(out)
    return parse_xlsx(out.getvalue(), "a.xlsx").text


def sheet_of(*rows, number_format: str | None = None) -> Workbook:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    if number_format:
        workbook.active["B2"].number_format = number_format
    return workbook


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_usual_encodings_and_delimiters(delimiter: str, encoding: str):
    text = '县,投资（万元）,备注\r\n甲县,"1200","修路,架桥;通水"\r\n'.replace(",", delimiter, 2)
    text = text.replace('甲县,"1200",', f'甲县{delimiter}"1200"{delimiter}')
    assert parse_csv(text.encode(encoding), "a.csv").text == (
        "县：甲县；投资（万元）：1200万元；备注：修路,架桥;通水。"
    )


def test_csv_with_too_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr("rag.parsing.limits.MAX_CELLS", 3)
    with pytest.raises(
        DocumentError, match=r"a\.csv: its tables have 4 cells or more, more than 3"
    ):
        parse_csv(b"a,b\n1,2\n", "a.csv")


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.985, "0.0%", "98.5%"),
        (1, "0%", "100%"),
        (0.1 + 0.2, None, "0.3"),
        (1234567890123456, None, "1234567890123456"),
        (1200.0, "#,##0.00", "1200"),
        (1e-5, None, "0.00001"),
        (date(2019, 3, 5), None, "2019-03-05"),
        (datetime(2019, 3, 5, 8, 30), None, "2019-03-05 08:30"),
        (date(2019, 3, 1), 'yyyy"年"m"月"', "2019年3月"),
        (True, None, "TRUE"),
        ("第一\n第二", None, "第一第二"),
    ],
)
def test_values_are_shown_by_their_format(value, number_format: str | None, shown: str):
    workbook = sheet_of(("县", "值"), ("甲县", value), number_format=number_format)
    assert xlsx_text(workbook) == f"县：甲县；值：{shown}。"


def test_errors_formulas_without_values_and_hidden_sheets_are_left_out():
    workbook = sheet_of(("县", "值", "和", "村"), ("甲县", "#DIV/0!", "=1+1", 98))
    workbook.create_sheet("草稿").sheet_state = "hidden"
    assert xlsx_text(workbook) == "县：甲县；村：98。"


def test_a_blank_row_ends_a_table_if_headers_follow():
    workbook = sheet_of(
        ("县", "村"), ("甲", 1), (None, None), ("乙", 2), (), ("镇", "人"), ("丙", 3)
    )
    assert xlsx_text(workbook) == "县：甲；村：1。\n县：乙；村：2。\n\n镇：丙；人：3。"


def test_a_cell_far_away_is_no_trouble():
    workbook = sheet_of(("县", "村（个）"), ("甲", 98))
    workbook.active["XFD1048576"] = "注：数据来自年报。"
    assert xlsx_text(workbook) == "县：甲；村（个）：98个。\n\n注：数据来自年报。"


def test_docx_keeps_the_order_of_paragraphs_tables_and_frames():
    document = docx.Document()
    document.add_paragraph("前。")
    table = document.add_table(rows=2, cols=2)
    for number, text in enumerate(("县", "村（个）", "甲县", "98")):
        table.cell(number // 2, number % 2).text = text
    document.add_paragraph("后。")
    frame = document.add_table(rows=1, cols=1).cell(0, 0)
    frame.text = "框内一。"
    frame.add_paragraph("框内二。")
    assert (
        docx_text(document) == "前。\n\n县：甲县；村（个）：98个。\n\n后。\n\n框内一。\n\n框内二。"
    )


def test_docx_headings_are_found_through_the_style_that_theirs_is_based_on():
    document = docx.Document()
    style = document.styles.add_style("章标题", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("资金\n投入", style=style)
    document.add_paragraph("步骤", style="List Number")
    contents = document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("目录一\t3", style=contents)
    assert docx_text(document) == "### 资金投入\n\n- 步骤"
