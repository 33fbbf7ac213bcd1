"""What stands below an answer in the chat: its evidence in full, or why there is no answer."""

from collections.abc import Callable

from rag.explanation import Explanation
from rag.types import Answer, Citation
from rag.ui.markup import element, escape, highlight
from rag.ui.reasons import reasons
from rag.ui.words import both

_MAX_SHOWN = 2
_SOURCES = both("看来源", "Sources")
_NEAREST = both("看最相近的段落", "Nearest passages")

Link = Callable[[int], str]


def below_answer(answer: Answer, explanation: Explanation | None, link: Link) -> str:
    """The evidence sentence by sentence; of an abstention, why it is one.

    Args:
        answer: What is shown above.
        explanation: How it came about, if that was kept.
        link: Markup that leads from a citation's mark to its source.
    """
    if answer.abstained:
        told = reasons(explanation) if explanation else ()
        return "".join(element("div", escape(words), class_="rag-reason") for words in told)
    quotes = "".join(_quote(citation, link) for citation in answer.citations)
    if len(answer.citations) <= _MAX_SHOWN:
        return quotes
    summary = element("summary", escape(f"{both('依据', 'Evidence')} ({len(answer.citations)})"))
    return element("details", summary + quotes, class_="rag-quotes")


def sources_words(answer: Answer) -> str:
    """What the link from an answer to the sources panel is called."""
    return _NEAREST if answer.abstained and answer.passages else _SOURCES


def quotation(citation: Citation) -> str:
    """The evidence as it was quoted, the answer in it marked; the report is not looked at."""
    shift = -citation.span.start
    shown = citation.span.shift(shift)
    answers = [span.shift(shift) for span in citation.answer_spans]
    return highlight(citation.text, shown, shown, answers)


def _quote(citation: Citation, link: Link) -> str:
    quoted = f"{quotation(citation)} {link(citation.mark)}"
    return element("blockquote", quoted, class_="rag-quote")
