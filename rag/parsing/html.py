"""HTML to text: the main content of a page, without what stands around it."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

from rag.decoding import decode
from rag.parsing.extract import Extract, from_blocks
from rag.parsing.joining import is_wide
from rag.parsing.limits import check_cells
from rag.parsing.tables import Cell, Row, Table, table_blocks, take_caption, transposed

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]{0,100}encoding=[\"']([\w-]+)",
    re.I,
)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")
_DECLARED_WITHIN = 4096
_CHINESE = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "big5": "big5hkscs"}
_DROPPED = (
    "script, style, noscript, template, iframe, object, svg, canvas, nav, aside, button, select, "
    "option, textarea, input, dialog, audio, video, map, [hidden], [aria-hidden=true]"
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_IS_BLOCK = re.compile(
    "address|article|blockquote|body|caption|center|d[dlt]|details|div|fieldset|fig(?:ure|caption)"
    "|footer|form|h[1-6r]|header|li|main|[ou]l|p|pre|section|summary|table|t(?:body|foot|head|[dhr])"
)
# Stands for `<br>` among the texts of a page; `clean` takes it for a line end, too.
_BREAK = "\v"
_LINK_BLOCKS = ("div", "ul", "ol", "dl", "section", "table", "p", "td")
_LINK_SHARE, _MIN_LINKS = 0.6, 3
_MAIN_SHARE = 0.5
_SITE = re.compile(r"\s*[_|]\s*|\s+[-–—]\s+")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_MAX_CELL_CHARS = 300
_MAX_SPAN = 1000


def parse_html(data: bytes, name: str) -> Extract:
    """The text of a web page; headings as Markdown has them, tables row by row.

    The page's `<title>` is used only if its content has no `<h1>`.
    """
    text = _XML_DECLARATION.sub("", _decoded(data, name).replace("\0", ""))
    soup = BeautifulSoup(text, "lxml")
    title = soup.title.get_text() if soup.title else ""
    body = soup.body or soup
    _drop_surroundings(body)
    content = _main_content(body)
    check_cells(len(content.find_all(["td", "th"])), name)
    blocks = _blocks(content, name)
    if title.strip() and content.find("h1") is None:
        blocks.insert(0, f"# {max(_SITE.split(_one_line(title)), key=len)}")
    return from_blocks(blocks)


def _decoded(data: bytes, name: str) -> str:
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    if declared and not data.startswith(_MARKS):
        encoding = (declared.group(1) or declared.group(2)).decode().lower()
        try:
            return data.decode(_CHINESE.get(encoding, encoding))
        except (LookupError, UnicodeDecodeError):
            return decode(data, name)  # The page says it wrongly.
    return decode(data, name)


def _drop_surroundings(body: Tag) -> None:
    for tag in body.select(_DROPPED):
        tag.decompose()
    for tag in body.find_all(style=_HIDDEN):
        tag.decompose()
    for tag in body.find_all(["header", "footer"]):
        # The header of an article holds its heading.
        if tag.name == "footer" or tag.find_parent(["article", "main"]) is None:
            tag.decompose()
    for tag in body.find_all("form"):
        # Some servers wrap the whole page in a form.
        if _n_chars(tag) < _MAIN_SHARE * _n_chars(body):
            tag.decompose()


def _main_content(body: Tag) -> Tag:
    """What is marked as the content if it holds most of the text, else all but lists of links."""
    candidates = body.select("main, article, [role=main]")
    main = max(candidates, key=_n_chars, default=None)
    if main is not None and _n_chars(main) >= _MAIN_SHARE * _n_chars(body):
        return main
    for tag in body.find_all(_LINK_BLOCKS):
        if not tag.decomposed and _is_navigation(tag):
            tag.decompose()
    return body


def _is_navigation(tag: Tag) -> bool:
    links = tag.find_all("a")
    n_linked = sum(map(_n_chars, links))
    return len(links) >= _MIN_LINKS and n_linked > _LINK_SHARE * _n_chars(tag)


def _n_chars(tag: Tag) -> int:
    return sum(len("".join(text.split())) for text in tag.stripped_strings)


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where a block begins or ends."""

    tag: Tag
    is_start: bool


def _blocks(content: Tag, name: str) -> list[str]:
    """Paragraphs, headings, list items and tables in the order of the page."""
    blocks: list[str] = []
    text = mark = ""
    for node in _walk(content):
        if isinstance(node, str):
            text += node
            continue
        if line := _lines(text, is_heading=mark.startswith("#")):
            blocks.append(mark + line)
        if node.is_start:
            mark = _mark(node.tag) or ("" if line else mark)
        elif line or _mark(node.tag):
            mark = ""
        text = ""
        if node.is_start and node.tag.name == "pre":
            blocks.append(node.tag.get_text())
        elif node.is_start and _is_data_table(node.tag):
            blocks += _table(node.tag, blocks, name)
    return blocks


def _walk(content: Tag) -> Iterator[str | _Edge]:
    """Texts and edges of blocks in order; data tables and `<pre>` as one edge, not entered.

    Without recursion: old pages nest thousands of tags that they never close.
    """
    stack: list[_Edge | PageElement] = [_Edge(content, False), content]
    while stack:
        node = stack.pop()
        if isinstance(node, _Edge):
            yield node
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            yield str(node)
        elif isinstance(node, Tag) and node.name == "br":
            yield _BREAK
        elif isinstance(node, Tag):
            if _IS_BLOCK.fullmatch(node.name):
                yield _Edge(node, True)
                stack.append(_Edge(node, False))
            if node.name != "pre" and not _is_data_table(node):
                stack.extend(reversed(node.contents))


def _mark(tag: Tag) -> str:
    if tag.name in _HEADINGS:
        return "#" * int(tag.name[1]) + " "
    return "- " if tag.name == "li" else ""


def _lines(text: str, is_heading: bool) -> str:
    """The lines that `<br>` divides; a heading is one line all the same."""
    parts = [text.replace(_BREAK, "\n")] if is_heading else text.split(_BREAK)
    return "\n".join(filter(None, map(_one_line, parts)))


def _one_line(text: str) -> str:
    """Blanks and line ends made one space, or none beside a Chinese character."""

    def joint(match: re.Match[str]) -> str:
        around = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
        return "" if "\n" in match.group() and any(map(is_wide, around)) else " "

    text = text.strip()
    return _BLANKS.sub(joint, text)


def _is_data_table(tag: Tag) -> bool:
    """True for a table of values; others only arrange the page."""
    if tag.name != "table" or tag.get("role") == "presentation":
        return False
    if tag.find(["table", *_HEADINGS]):
        return False
    rows = _table_rows(tag)
    is_grid = len(rows) > 1 and 2 * sum(len(row) > 1 for row in rows) >= len(rows)
    return is_grid and all(len(cell.get_text()) <= _MAX_CELL_CHARS for row in rows for cell in row)


def _table_rows(table: Tag) -> list[list[Tag]]:
    rows = (row.find_all(["td", "th"], recursive=False) for row in table.find_all("tr"))
    return [list(row) for row in rows if row]


def _table(table: Tag, blocks: list[str], name: str) -> list[str]:
    """The blocks of a table; a caption that stands before it is taken off `blocks`."""
    tags = _table_rows(table)
    rows = _grid(tags, name)
    n_headers = len(list(takewhile(_is_header, tags)))
    if not n_headers and all(row[0].name == "th" for row in tags):
        rows = transposed(rows)
        n_headers = 1
    caption, note = take_caption(blocks)
    if table.caption:
        caption = _cell_text(table.caption)
    return table_blocks(Table(rows, caption, note, n_headers or None))


def _is_header(row: list[Tag]) -> bool:
    return row[0].find_parent("thead") is not None or all(cell.name == "th" for cell in row)


def _grid(rows: list[list[Tag]], name: str) -> list[Row]:
    """The places of a table, merged cells repeated."""
    grid: list[dict[int, Cell]] = [{} for _ in rows]
    n_cells = 0
    for number, row in enumerate(rows):
        column = 0
        for tag in row:
            while column in grid[number]:
                column += 1
            n_right, n_down = _span(tag, "colspan"), _span(tag, "rowspan")
            n_cells += n_right * n_down
            check_cells(n_cells, name)
            text = _cell_text(tag)
            for down, places in enumerate(grid[number : number + n_down]):
                for right in range(n_right):
                    places.setdefault(column + right, Cell(text, right > 0, down > 0))
            column += n_right
    return [[row.get(column, Cell()) for column in range(max(row, default=-1) + 1)] for row in grid]


def _span(tag: Tag, name: str) -> int:
    value = str(tag.get(name, ""))
    return max(1, min(int(value), _MAX_SPAN)) if value.isdecimal() else 1


def _cell_text(cell: Tag) -> str:
    for block in cell.find_all(["br", "p", "div", "li"]):
        block.insert_after("\n")
    return _one_line(cell.get_text())
