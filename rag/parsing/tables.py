"""Tables to lines of text: each row names its headers, so that one line alone says it all.

`县：甲县；贫困村（个）：98个；投资（万元）：1200万元。`
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rag.parsing.joining import is_wide

_UNITS = (
    "平方公里|平方千米|平方米|立方米|千瓦时|千瓦|公里|千米|厘米|毫米|公顷|公斤|千克|人次|户次|小时|分钟|个月"
    "|个百分点|百分点|美元|港元|欧元|元|亩|米|吨|斤|克|升|人|名|位|户|个|村|乡|镇|县|家|所|座|处|项|件|支|条|台"
    "|套|辆|次|种|类|株|头|只|羽|场|期|间|栋|面|份|篇|本|张|床|双|岁|天|月|年|倍|度|%|％|‰|℃|㎡|km²|km2|km"
    "|m²|m2|m³|m3|m|hm²|hm2|ha|kg|t|kWh"
)
_UNIT = rf"(?:[十百千万亿]{{0,3}}(?:{_UNITS})(?:/(?:{_UNITS}))?|[百千万亿]{{1,2}})"
_BRACKETS = re.compile(rf"[（(]\s*(?:单位\s*[:：]\s*)?({_UNIT})\s*[)）]")
_UNIT_NOTE = re.compile(r"单位\s*[:：]\s*([^()（）\n]+)")
_IS_UNIT = re.compile(_UNIT)
_NUMBER = re.compile(r"[-−－+]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?")
_QUANTITY = re.compile(rf"{_NUMBER.pattern}\s*(?!年|月|岁)(?:{_UNIT})?")
_YEAR = re.compile(r"(?:19|20)\d\d年?")
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_COLUMN = re.compile(r"年|年份|年度")
_UNIT_COLUMN = re.compile(r"(?:计量)?单位")
# What a unit given for a whole table is not meant for.
_NO_MEASURE = re.compile(
    r"^年$|年份|年度|月份|序号|编号|代码|名次|排名|位次|日期|时间|电话|邮编|率|比|增长|增速|增幅|倍"
)
_COUNT = re.compile(r"[数量人户]$|人口")
_CAPTION = re.compile(r"表\s*[\d一二三四五六七八九十]+|table\s+\d", re.I)
_MAX_CAPTION, _MAX_NOTE = 60, 30
_CAPTION_MARK = "###### "


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of a table's grid; merged cells fill each of their places.

    Attributes:
        text: What stands there, on one line.
        from_left: It is a copy of its left neighbour, with which it was merged.
        from_above: It is a copy of its upper neighbour, with which it was merged.
    """

    text: str = ""
    from_left: bool = False
    from_above: bool = False


Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its file has it.

    Attributes:
        rows: The grid, row by row; rows may differ in length.
        caption: What stands over it; becomes a heading line.
        note: A line such as `单位：万元` that stands over it; stays a line of its own.
        n_headers: Rows of headers, if the file tells.
    """

    rows: Sequence[Row]
    caption: str = ""
    note: str = ""
    n_headers: int | None = None


def table_blocks(table: Table) -> list[str]:
    """The table as blocks of text: its caption as a heading, then a line for each row.

    Empty cells are left out. A table without headers is written row by row with `；`.
    """
    over, rows = _split_captions(_squared(table.rows))
    over = [text for text in (table.caption, table.note, *over) if text]
    notes = [
        text for text in over if text == table.note or text.strip("（）() ") == unit_note(text)
    ]
    if rows and len(rows[0]) > 1 and all(row[0].text.endswith(("：", ":")) for row in rows):
        rows = transposed(rows)
    lines = _lines(_with_merged_headers(rows), table.n_headers, _table_unit(over))
    titles = [_CAPTION_MARK + text for text in over if text not in notes]
    return [*titles, "\n".join([*notes, *lines])]


def take_caption(blocks: list[str]) -> tuple[str, str]:
    """The caption (`表1 …`) and the unit line that stand last in `blocks`; empty if none does.

    Both are taken off `blocks`, since they will stand with their table.
    """
    note = caption = ""
    if blocks and unit_note(blocks[-1]) and len(blocks[-1]) <= _MAX_NOTE:
        note = blocks.pop()
    if blocks and _CAPTION.match(blocks[-1]) and len(blocks[-1]) <= _MAX_CAPTION:
        caption = blocks.pop()
    return caption, note


def transposed(rows: Sequence[Row]) -> list[Row]:
    """The table turned over its diagonal."""
    return [
        [Cell(cell.text, cell.from_above, cell.from_left) for cell in column]
        for column in zip(*_squared(rows), strict=True)
    ]


def has_numbers(row: Row) -> bool:
    """True if a cell is a number or quantity, and not only years as headers have them."""
    quantities = [cell.text for cell in row if _QUANTITY.fullmatch(cell.text)]
    n_texts = sum(bool(cell.text) for cell in row)
    are_years = all(_YEAR.fullmatch(text) for text in quantities)
    return bool(quantities) and not (are_years and len(quantities) < max(n_texts, len(row)))


def unit_note(text: str) -> str:
    """The part of a line that tells a table's unit, such as `单位：万元`; empty if none does."""
    match = _UNIT_NOTE.search(text)
    return match.group() if match else ""


def _squared(rows: Sequence[Row]) -> list[Row]:
    """The rows that are not blank, filled up to one length."""
    width = max(map(len, rows), default=0)
    kept = [row for row in rows if any(cell.text for cell in row)]
    return [[*row, *[Cell()] * (width - len(row))] for row in kept]


def _split_captions(rows: list[Row]) -> tuple[list[str], list[Row]]:
    """Lines over the table that were put into its first rows, and the rows that are left."""
    captions: list[str] = []
    while len(rows) > 1 and len(rows[0]) > 1 and (text := _only_text(rows[0])):
        captions.append(text)
        rows = rows[1:]
    return captions, rows


def _with_merged_headers(rows: list[Row]) -> list[Row]:
    """The rows with headers repeated whose merging was lost, as it is in CSV.

    What was merged is empty but in its first place: `县,收入,` over `,种植,务工`.
    """
    if len(rows) < 3 or has_numbers(rows[0]) or has_numbers(rows[1]):
        return rows
    pairs = list(zip(rows[0], rows[1], strict=True))
    is_whole = all(upper.text for upper, _ in pairs)
    if is_whole or not pairs[0][0].text or not all(a.text or b.text for a, b in pairs):
        return rows
    first: list[Cell] = []
    for upper, _ in pairs:
        first.append(upper if upper.text else Cell(first[-1].text, from_left=True))
    second = [b if b.text else Cell(a.text, from_above=True) for a, b in pairs]
    return [first, second, *rows[2:]]


def _only_text(row: Row) -> str:
    """What a row says that says one thing only; else empty."""
    texts = {cell.text for cell in row if cell.text}
    return texts.pop() if len(texts) == 1 else ""


def _lines(rows: Sequence[Row], n_headers: int | None, unit: str) -> Iterator[str]:
    n_headers = min(_count_headers(rows) if n_headers is None else n_headers, len(rows))
    if not n_headers or n_headers == len(rows):
        yield from (_sentence(cell.text for cell in row if cell.text) for row in rows)
        return
    columns = zip(*rows[:n_headers], strict=True)
    names = _with_years([_name(cell.text for cell in column) for column in columns])
    for row in rows[n_headers:]:
        text = _only_text(row)
        if text and text == row[0].text and len(row) > 1 and not _QUANTITY.fullmatch(text):
            yield text  # It is a heading of the rows below it.
        else:
            yield _sentence(_named_cells(row, names, unit))


def _count_headers(rows: Sequence[Row]) -> int:
    """How many rows name the columns: one, and those that divide headers merged above them."""
    if len(rows) < 2 or len(rows[0]) < 2 or has_numbers(rows[0]):
        return 0
    count = 1
    while count < len(rows) - 1 and not has_numbers(rows[count]):
        is_divided = any(cell.from_left for cell in rows[count - 1])
        if not is_divided and not any(cell.from_above for cell in rows[count]):
            break
        count += 1
    return count


def _name(levels: Iterator[str]) -> str:
    return "/".join(text.rstrip("：:") for text, _ in groupby(levels) if text)


def _with_years(names: Sequence[str]) -> list[str]:
    """The headers, `2019` among Chinese ones as `2019年`: only that is read as a year."""
    if not any(is_wide(char) for name in names for char in name):
        return list(names)
    return [f"{name}年" if _BARE_YEAR.fullmatch(name) else name for name in names]


def _named_cells(row: Row, names: Sequence[str], table_unit: str) -> Iterator[str]:
    general = _row_unit(row, names) or table_unit
    for cell, name in zip(row, names, strict=True):
        if cell.text:
            unit = _unit_in(name) or (general if _takes(name, general) else "")
            if _YEAR_COLUMN.fullmatch(name) and _BARE_YEAR.fullmatch(cell.text):
                unit = "年"
            has_own = not _NUMBER.fullmatch(cell.text)
            value = cell.text if has_own else cell.text + unit
            yield f"{name}：{value}" if name else value


def _sentence(parts: Iterator[str]) -> str:
    return "；".join(parts).rstrip("。；;") + "。"


def _unit_in(text: str) -> str:
    found = _BRACKETS.findall(text)
    return str(found[-1]) if found else ""


def _row_unit(row: Row, names: Sequence[str]) -> str:
    """The unit that a column of units, or the brackets of the first cell, give for a row."""
    for cell, name in zip(row, names, strict=True):
        if _UNIT_COLUMN.fullmatch(name) and _IS_UNIT.fullmatch(cell.text):
            return cell.text
    return _unit_in(row[0].text)


def _table_unit(texts: Sequence[str]) -> str:
    for text in texts:
        match = _UNIT_NOTE.search(text)
        if match and _IS_UNIT.fullmatch(match.group(1).strip()):
            return match.group(1).strip()
    return ""


def _takes(name: str, unit: str) -> bool:
    """True if a table's or row's unit can be meant for a column: not for years, rates, counts."""
    if not unit or _NO_MEASURE.search(name):
        return False
    return unit[-1] in name or not _COUNT.search(name)
