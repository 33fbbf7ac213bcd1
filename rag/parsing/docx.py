"""DOCX to text: paragraphs, headings, lists and tables in the order of the document."""

import io
import re
from collections.abc import Iterator, Sequence

from docx import Document
from docx.oxml.ns import qn
from docx.oxml.table import CT_Row, CT_Tbl, CT_Tc
from docx.oxml.text.paragraph import CT_P
from docx.styles.style import BaseStyle
from docx.text.paragraph import Paragraph

from rag.parsing.extract import Extract, from_blocks
from rag.parsing.joining import one_line
from rag.parsing.limits import check_cells, check_office_file
from rag.parsing.tables import Cell, Row, Table, table_blocks, take_caption

# Content controls and tracked insertions hold paragraphs and words like any other.
_BLOCKS = "./w:p | ./w:tbl | ./w:sdt/w:sdtContent/w:p | ./w:sdt/w:sdtContent/w:tbl"
_RUNS = (
    "./w:r | ./w:hyperlink/w:r | ./w:ins/w:r | ./w:smartTag/w:r | ./w:fldSimple/w:r"
    " | ./w:sdt/w:sdtContent/w:r"
)
_HEADING = re.compile(r"heading (\d)", re.I)
_LIST = re.compile(r"list (?:bullet|number)", re.I)
_CONTENTS = re.compile(r"toc(?: |\Z)", re.I)
_MAX_MARKS = 6


def parse_docx(data: bytes, name: str) -> Extract:
    """The text of a Word document; headings as Markdown has them, list items behind `- `."""
    check_office_file(data, name)
    document = Document(io.BytesIO(data))
    blocks: list[str] = []
    n_cells = 0
    for element in document.element.body.xpath(_BLOCKS):
        if isinstance(element, CT_P):
            blocks += _paragraph(element, Paragraph(element, document).style)
        elif any(len(row.tc_lst) > 1 for row in element.tr_lst):
            n_cells += sum(cell.grid_span for row in element.tr_lst for cell in row.tc_lst)
            check_cells(n_cells, name)
            blocks += _table(element, blocks)
        else:  # A frame around paragraphs.
            for paragraph in element.iter(qn("w:p")):
                blocks += _paragraph(paragraph, Paragraph(paragraph, document).style)
    return from_blocks(blocks)


def _paragraph(paragraph: CT_P, style: BaseStyle | None) -> list[str]:
    """The block of a paragraph; none if it is blank or a line of the table of contents."""
    text = _text(paragraph)
    styles = list(_style_names(style))
    if not text.strip() or any(map(_CONTENTS.match, styles)):
        return []
    if "Title" in styles:
        return [f"# {one_line(text)}"]
    levels = [int(found.group(1)) for name in styles if (found := _HEADING.match(name))]
    if levels:
        return [f"{'#' * min(levels[0] + 1, _MAX_MARKS)} {one_line(text)}"]
    is_numbered = bool(paragraph.xpath("w:pPr/w:numPr"))
    is_item = is_numbered or any(map(_LIST.match, styles))
    return [f"- {text}" if is_item else text]


def _style_names(style: BaseStyle | None) -> Iterator[str]:
    """The name of a style, and of those that it is based on."""
    while style is not None:
        yield style.name or ""
        style = getattr(style, "base_style", None)


def _text(paragraph: CT_P) -> str:
    return "".join(run.text for run in paragraph.xpath(_RUNS))


def _table(table: CT_Tbl, blocks: list[str]) -> list[str]:
    """The blocks of a table; a caption that stands before it is taken off `blocks`."""
    caption, note = take_caption(blocks)
    rows = _rows(table.tr_lst)
    n_headers = sum(bool(row.xpath("w:trPr/w:tblHeader")) for row in table.tr_lst)
    return table_blocks(Table(rows, caption, note, n_headers or None))


def _rows(rows: Sequence[CT_Row]) -> list[Row]:
    """The grid, merged cells repeated."""
    grid: list[list[Cell]] = []
    for row in rows:
        cells = [Cell()] * row.grid_before
        for cell in row.tc_lst:
            above = grid[-1] if grid and cell.vMerge == "continue" else []
            is_copy = len(above) > len(cells)
            text = above[len(cells)].text if is_copy else _cell_text(cell)
            cells.append(Cell(text, from_above=is_copy))
            cells += [Cell(text, True, is_copy)] * (cell.grid_span - 1)
        grid.append(cells)
    return list(grid)


def _cell_text(cell: CT_Tc) -> str:
    return one_line("\n".join(_text(paragraph) for paragraph in cell.iter(qn("w:p"))))
