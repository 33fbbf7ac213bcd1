"""What can be done with an answer: copied in three forms, called right or wrong."""

from collections.abc import Mapping

from rag.citations import stands
from rag.exports import answer_as_gbt, answer_as_markdown, answer_as_text
from rag.history import Verdict
from rag.types import Answer, Document
from rag.ui.conversation import Turn
from rag.ui.markup import element, escape
from rag.ui.words import both

_CHANGED = both("来源已变", "source changed")
_VERDICTS = {Verdict.RIGHT: both("✓ 对", "✓ Right"), Verdict.WRONG: both("✗ 不对", "✗ Wrong")}
_NOT_KEPT = both("未保存：", "Not kept: ")
_COPY = both("复制", "Copy")
_FORMS = {"markdown": "Markdown", "gbt": "GB/T 7714"}


def changed_marks(answer: Answer, documents: Mapping[str, Document]) -> frozenset[int]:
    """Marks of the citations whose reports have gone or changed."""
    return frozenset(c.mark for c in answer.citations if not stands(c, documents))


def changed_mark() -> str:
    """What stands in place of a mark whose source has gone or changed."""
    return element("span", escape(_CHANGED), class_="rag-changed")


def answer_actions(turn: Turn) -> str:
    """Links below an answer; `page.js` and `feedback.js` know them by their targets."""
    copy = element("a", escape(_COPY), href=f"#copy-{turn.number}", class_="rag-copy")
    copies = copy + "".join(
        element("a", escape(words), href=f"#copy-{turn.number}-{form}", title=f"{_COPY}: {words}")
        for form, words in _FORMS.items()
    )
    verdicts = "".join(_verdict_link(turn, verdict) for verdict in Verdict)
    unkept = element("span", escape(f"{_NOT_KEPT}{turn.unkept}"), class_="rag-unkept")
    links = copies + (unkept if turn.unkept else verdicts)
    return element("div", links, class_="rag-facts rag-deeds")


def copy_texts(answer: Answer, documents: Mapping[str, Document]) -> str:
    """What the copy links put on the clipboard, each form in a hidden element of its own."""
    texts = {
        "text": answer_as_text(answer, documents),
        "markdown": answer_as_markdown(answer, documents),
        "gbt": answer_as_gbt(answer, documents),
    }
    return "".join(
        element("pre", escape(text), class_=f"rag-copy-{form}", hidden="")
        for form, text in texts.items()
    )


def _verdict_link(turn: Turn, verdict: Verdict) -> str:
    """A link that says right or wrong, or takes it back where it was said."""
    is_given = turn.verdict == verdict
    words = _VERDICTS[verdict] + (both("（已记下）", " (noted)") if is_given else "")
    kind = "rag-verdict rag-given" if is_given else "rag-verdict"
    return element("a", escape(words), href=f"#verdict-{verdict}-{turn.number}", class_=kind)
