"""XLSX to text: the visible sheets, each row a line that names its headers."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import product

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from rag.parsing.extract import Extract, from_blocks
from rag.parsing.joining import one_line
from rag.parsing.limits import check_cells, check_office_file
from rag.parsing.tables import Cell, Row, Table, has_numbers, table_blocks

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
_CELL = re.compile(rb"<(?:\w+:)?c(?:\s[^>]*)?(?<!/)>")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*ref=\"([A-Z0-9:]+)\"")
_DEFAULT_NAME = re.compile(r"(?:sheet|工作表)\s*\d*", re.I)
_SHOWN_DIGITS = 12


def parse_xlsx(data: bytes, name: str) -> Extract:
    """The values of a workbook, not its formulas; a sheet's name becomes a heading line.

    Not openpyxl's read-only mode: that does not tell which cells are merged.
    """
    check_office_file(data, name)
    _check_sheets(data, name)
    workbook = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    blocks: list[str] = []
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            blocks += _sheet_blocks(sheet, name)
    return from_blocks(blocks)


def _check_sheets(data: bytes, name: str) -> None:
    """Count cells before openpyxl makes objects of them."""
    n_cells = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            if _SHEET.fullmatch(part):
                content = archive.read(part)
                n_cells += sum(1 for _ in _CELL.finditer(content))
                n_cells += sum(_area(match.group(1)) for match in _MERGED.finditer(content))
                check_cells(n_cells, name)


def _area(reference: bytes) -> int:
    left, top, right, bottom = range_boundaries(reference.decode())
    return int((right - left + 1) * (bottom - top + 1))


def _sheet_blocks(sheet: Worksheet, name: str) -> list[str]:
    tables = _tables(_grid(sheet, name))
    blocks = [block for table in tables for block in table_blocks(Table(table))]
    if blocks and not _DEFAULT_NAME.fullmatch(sheet.title):
        blocks.insert(0, f"## {sheet.title}")
    return blocks


def _grid(sheet: Worksheet, name: str) -> list[Row]:
    """Rows and columns that hold values, merged cells repeated; an empty row stands for a gap."""
    # Not `iter_rows`: it makes all cells up to the last one, and that may stand anywhere.
    shown = {place: _shown(cell) for place, cell in sheet._cells.items()}
    cells = {place: Cell(text) for place, text in shown.items() if text}
    rows, columns = sorted({row for row, _ in cells}), sorted({column for _, column in cells})
    check_cells(len(rows) * len(columns), name)
    for merged in sheet.merged_cells.ranges:
        text = shown.get((merged.min_row, merged.min_col), "")
        for row, column in product(*_bounds(merged)):
            cells[row, column] = Cell(text, column > merged.min_col, row > merged.min_row)
    grid: list[Row] = []
    for before, row in zip([0, *rows], rows, strict=False):
        if row > before + 1:
            grid.append([])
        grid.append([cells.get((row, column), Cell()) for column in columns])
    return grid


def _bounds(merged: CellRange) -> tuple[range, range]:
    """The rows and the columns of a range."""
    return range(merged.min_row, merged.max_row + 1), range(merged.min_col, merged.max_col + 1)


def _tables(grid: Sequence[Row]) -> Iterator[list[Row]]:
    """The tables of a sheet: a blank row ends one if what follows begins with headers."""
    table: list[Row] = []
    is_after_blank = False
    for row in grid:
        is_blank = not any(cell.text for cell in row)
        if not is_blank:
            if is_after_blank and table and not has_numbers(row):
                yield table
                table = []
            table.append(row)
        is_after_blank = is_blank
    if table:
        yield table


def _shown(cell: SheetCell) -> str:
    """A value as a person sees it: percentages and dates by their format, numbers in full."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime | date | time):
        return _shown_date(value, cell.number_format)
    if isinstance(value, int | float | Decimal):
        return _shown_number(Decimal(str(value)), cell.number_format)
    return one_line(str(value))


def _shown_number(value: Decimal, number_format: str) -> str:
    """The number without noise behind its twelfth digit; a percentage with its own decimals."""
    if number_format.rstrip("_ )").endswith("%"):
        n_decimals = len(number_format.rstrip("_ )%").partition(".")[2])
        return f"{value * 100:.{n_decimals}f}%"
    digits = Decimal(f"{value:.{_SHOWN_DIGITS}g}")
    return f"{value:f}" if value == value.to_integral_value() else f"{digits.normalize():f}"


def _shown_date(value: datetime | date | time, number_format: str) -> str:
    if isinstance(value, time):
        return value.isoformat("minutes")
    if "d" not in number_format.lower():
        return f"{value.year}年" + (f"{value.month}月" if "m" in number_format.lower() else "")
    if isinstance(value, datetime) and (value.hour or value.minute):
        return value.isoformat(" ", "minutes")
    return f"{value:%Y-%m-%d}"
