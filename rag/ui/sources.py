"""The sources panel as HTML: each citation in the passage that it stands in."""

from collections.abc import Mapping, Sequence

from rag.citations import stands
from rag.types import Answer, Chunk, Citation, Document, Passage, Span
from rag.ui.answer_actions import changed_mark, copy_texts
from rag.ui.conversation import Turn, Turns
from rag.ui.evidence import quotation
from rag.ui.markup import MAX_TITLE_CHARS, clip, element, escape, highlight, note
from rag.ui.viewer.place import Place
from rag.ui.viewer.slots import near, slots
from rag.ui.why import why_panel
from rag.ui.words import both

Documents = Mapping[str, Document]
_GONE = both(
    "报告已不在书架上或已更改，以下为当时的原文。",
    "The report has gone or changed since; this is what it said.",
)


def sources_panel(turns: Turns, documents: Documents) -> str:
    """The sources of each answer, the latest one shown; marks in the chat lead here.

    Below those of the latest stands why it was answered so.
    """
    answered = [turn for turn in turns if turn.answer is not None]
    if not answered:
        hint = both(
            "提问之后，答案的出处在这里逐字显示：报告、章节和原文。",
            "Each answer's sources appear here, word for word: report, section and text.",
        )
        return element("div", escape(hint), class_="rag-hint")
    latest = answered[-1].number
    return "".join(_turn_sources(turn, documents, turn.number == latest) for turn in answered)


def _turn_sources(turn: Turn, documents: Documents, is_shown: bool) -> str:
    answer = turn.answer
    if answer is None:
        return ""
    question = element("div", escape(clip(turn.question, 120)), class_="rag-asked")
    cited = "".join(
        _citation(turn.number, citation, answer.passages, documents, i == 0)
        for i, citation in enumerate(answer.citations)
    )
    why = why_panel(turn.explanation) if is_shown and turn.explanation else ""
    body = question + cited + _related(answer, documents) + why + copy_texts(answer, documents)
    kind = "rag-turn rag-shown" if is_shown else "rag-turn"
    return element("section", body, id=f"turn-{turn.number}", class_=kind)


def _citation(
    number: int,
    citation: Citation,
    passages: Sequence[Passage],
    documents: Documents,
    is_open: bool,
) -> str:
    number_shown = element("span", f"[{citation.mark}]", class_="rag-number")
    mark = number_shown if stands(citation, documents) else changed_mark()
    title = element("bdi", escape(clip(citation.title, MAX_TITLE_CHARS)), class_="rag-title")
    summary = element("summary", mark + title)
    place = _place(citation.document_id, citation.section, citation.span, citation.page)
    quote = _quoted(citation, passages, documents)
    name = f"source-{number}-{citation.mark}"
    attributes = {"open": ""} if is_open else {}
    return element("details", summary + place + quote, id=name, class_="rag-source", **attributes)


def _quoted(citation: Citation, passages: Sequence[Passage], documents: Documents) -> str:
    if not stands(citation, documents):  # The quotation itself remains.
        return element("blockquote", note(_GONE) + quotation(citation))
    shown = _surroundings(citation, passages)
    document = documents[citation.document_id]
    passage = highlight(document.text, shown, citation.span, citation.answer_spans)
    place = Place.of(document, citation.span, citation.answer_spans)
    return slots(document, place, element("blockquote", passage))


def _surroundings(citation: Citation, passages: Sequence[Passage]) -> Span:
    """The passage that the quotation stands in, widened to hold all of it."""
    for passage in passages:
        chunk = passage.chunk
        if chunk.document_id == citation.document_id and chunk.span.overlaps(citation.span):
            start = min(chunk.span.start, citation.span.start)
            return Span(start, max(chunk.span.end, citation.span.end))
    return citation.span


def _place(document_id: str, section: Sequence[str], span: Span, page: int | None = None) -> str:
    path = " › ".join(clip(title, MAX_TITLE_CHARS) for title in section)
    on_page = "" if page is None else both(f"第 {page} 页", f"page {page}") + " · "
    characters = both(f"第 {span.start}–{span.end} 字", f"characters {span.start}–{span.end}")
    where = f"{clip(document_id, MAX_TITLE_CHARS)} · {on_page}{characters}"
    parts = [element("bdi", escape(words)) for words in (path, where) if words]
    return element("div", "<br>".join(parts), class_="rag-place")


def _related(answer: Answer, documents: Documents) -> str:
    """What was read but not cited, set apart so that nobody takes it for evidence."""
    cited = {(c.document_id, c.span) for c in answer.citations}
    unused = [p.chunk for p in answer.passages if not _is_cited(p.chunk, cited)]
    if not unused:
        return ""
    title = f"{both('相关段落（未作为依据）', 'Related, not used')} ({len(unused)})"
    summary = element("summary", escape(title))
    body = "".join(_passage(chunk, documents) for chunk in unused)
    attributes = {"open": ""} if answer.abstained else {}
    return element("details", summary + body, class_="rag-related", **attributes)


def _is_cited(chunk: Chunk, cited: set[tuple[str, Span]]) -> bool:
    return any(name == chunk.document_id and span.overlaps(chunk.span) for name, span in cited)


def _passage(chunk: Chunk, documents: Documents) -> str:
    document = documents.get(chunk.document_id)
    name = clip(document.title if document else chunk.document_id, MAX_TITLE_CHARS)
    title = element("bdi", escape(name), class_="rag-title")
    page = document.page_at(chunk.span.start) if document else None
    place = _place(chunk.document_id, chunk.section, chunk.span, page)
    text = element("p", escape(chunk.text))
    stands_there = document and chunk.span.of(document.text) == chunk.text
    whole = near(document, chunk.span) if document and stands_there else ""
    return element("div", title + place + text + whole, class_="rag-passage")
