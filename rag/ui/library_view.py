"""The library as HTML: a line for each file under way, and a page of the list of reports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.config import RagConfig
from rag.index import Index
from rag.intake import Progress, Step
from rag.lexical import fold
from rag.shelf import Entry, Status, entries, left_out
from rag.types import Document
from rag.ui.library import Line
from rag.ui.markup import MAX_TITLE_CHARS, clip, element, escape
from rag.ui.problems import told
from rag.ui.words import both

PAGE_ROWS = 20
_MAX_LINES = 30
_REMOVE = both("移除", "Remove")
_STEPS: Mapping[Step, str] = {
    Step.WAITING: both("等待", "Waiting"),
    Step.READING: both("正在读取", "Reading"),
    Step.ENCODING: both("正在编码", "Encoding"),
    Step.DONE: both("已上架", "On the shelf"),
    Step.UNCHANGED: both("已在架上，未变", "On the shelf already, unchanged"),
    Step.REFUSED: both("未收", "Refused"),
    Step.REMOVING: both("正在移除", "Removing"),
    Step.REMOVED: both("已移除", "Removed"),
}
_STATUSES: Mapping[Status, str] = {
    Status.CURRENT: "",
    Status.CHANGED: both("文件已改", "File changed"),
    Status.MISSING: both("文件不在了", "File missing"),
    Status.LEFT_OUT: both("未收录", "Left out"),
}


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """A page of the list of reports.

    Attributes:
        entries: The reports on it.
        number: From 0.
        n_pages: At least 1.
        n_found: Reports that were looked for, on all pages.
    """

    entries: tuple[Entry, ...]
    number: int
    n_pages: int
    n_found: int


def shelf_page(index: Index, config: RagConfig, words: str = "", number: int = 0) -> ShelfPage:
    """The reports that hold all `words` in title, place, years or id; left-out files come last.

    Only the files of the reports on this page are read, to see whether they have changed.
    """
    wanted = fold(words).split()
    found = [name for name, d in index.documents.items() if _has(wanted, _document_words(d))]
    refused = [e for e in left_out(index) if _has(wanted, f"{e.document_id} {e.problem}")]
    n_found = len(found) + len(refused)
    n_pages = max(1, -(-n_found // PAGE_ROWS))
    number = min(max(0, number), n_pages - 1)
    first, end = number * PAGE_ROWS, (number + 1) * PAGE_ROWS
    shown = entries(index, found[first:end], config)
    rest = refused[max(0, first - len(found)) : max(0, end - len(found))]
    return ShelfPage((*shown, *rest), number, n_pages, n_found)


def table(page: ShelfPage) -> str:
    """The list: title, place, years, pages, chunks, status, and a button that removes."""
    if not page.entries:
        hint = both("没有这样的报告。", "There is no such report.")
        return element("div", escape(hint), class_="rag-hint")
    items = "".join(map(_row, page.entries))
    return element("ul", items, class_="rag-shelf")


def page_words(page: ShelfPage) -> str:
    """Which reports of how many are shown."""
    first = page.number * PAGE_ROWS
    shown = f"{first + 1}–{first + len(page.entries)}" if page.entries else "0"
    return element("p", escape(f"{shown} / {page.n_found:,}"), class_="rag-shelf-page")


def lines_list(lines: Sequence[Line]) -> str:
    """How far each file is; those that are under way or were refused before those that are done."""
    if not lines:
        return ""
    order = sorted(lines, key=lambda line: line.progress.step in (Step.DONE, Step.UNCHANGED))
    items = "".join(map(_line, order[:_MAX_LINES]))
    if (n_more := len(order) - _MAX_LINES) > 0:
        items += element("li", escape(both(f"另有 {n_more} 个", f"and {n_more} more")))
    listed = element("ul", items, class_="rag-intake")
    return element("div", listed, role="status")  # Around the list: a status cannot hold items.


def _line(line: Line) -> str:
    name = element("bdi", escape(clip(line.name, MAX_TITLE_CHARS)), class_="rag-title")
    words = element("span", escape(_progress_words(line.progress)), class_="rag-step")
    return element("li", name + words, class_=f"rag-{line.progress.step}")


def _progress_words(progress: Progress) -> str:
    words = _STEPS[progress.step]
    if progress.step is Step.ENCODING:
        return f"{words} {progress.share:.0%}"
    if progress.reason:
        return f"{words}: {told(progress.reason)}"
    return words


def _row(entry: Entry) -> str:
    name = clip(entry.title or entry.document_id, MAX_TITLE_CHARS)
    title = element("bdi", escape(name), class_="rag-title")
    facts = element("bdi", escape(" · ".join(_facts(entry))), class_="rag-place")
    remove = element(
        "button",
        escape(_REMOVE),
        type="button",
        class_="rag-remove",
        data_document=entry.document_id,
        data_name=name,
        data_label=_REMOVE,
        data_ask=both("确认移除？", "Really?"),
        aria_label=f"{_REMOVE} {name}",
    )
    told = element("div", title + facts + _status(entry), class_="rag-entry")
    return element("li", told + remove)


def _facts(entry: Entry) -> Iterator[str]:
    if entry.title is None:
        return
    if entry.place:
        yield entry.place
    if entry.years:
        first, last = min(entry.years), max(entry.years)
        yield str(first) if first == last else f"{first}–{last}"
    if entry.n_pages:
        yield f"{entry.n_pages} {both('页', 'pages')}"
    yield f"{entry.n_chunks} {both('段', 'chunks')}"


def _status(entry: Entry) -> str:
    words = _STATUSES[entry.status]
    if not words:
        return ""
    if entry.problem:
        words = f"{words}: {told(entry.problem)}"
    return element("span", escape(words), class_="rag-stale")


def _document_words(document: Document) -> str:
    years = " ".join(map(str, document.years))
    return f"{document.title} {document.place or ''} {years} {document.document_id}"


def _has(wanted: Sequence[str], words: str) -> bool:
    folded = fold(words)
    return all(word in folded for word in wanted)
