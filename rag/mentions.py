"""Questions for the reports that mention something: answered by looking, not by reading.

`哪些县提到了光伏？` is answered with every place whose report has the word, each with the sentence
that mentions it first.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from rag.citations import cite
from rag.reader.base import LIST_SEPARATOR
from rag.replies import no_mention
from rag.types import Answer, Chunk, Document, Passage, Span

_CHINESE = re.compile(
    r"哪(?:些|几个?|一?个)(?:[县区市省镇乡村]|县区|地方|地区|报告|文件|材料)(?:的?报告)?[里中]?[都也]?"
    r"(?:提到|提及|提过|讲到|谈到|说到|写到|写了|涉及)[过了]*(?P<term>.+?)(?:这个词)?[吗呢?？。\s]*$"
)
_ENGLISH = re.compile(
    r"\b(?:which|what) (?:of the )?(?:counties|county|districts?|cities|city|provinces?"
    r"|places?|reports?|documents?) (?:mention|mentions|mentioned|refers? to|speaks? of) "
    r"(?P<term>.+?)[?.\s]*$",
    re.IGNORECASE,
)
_QUOTES = re.compile("[“”‘’\"'《》「」『』]")


def asked_mention(question: str) -> str:
    """What a question asks for the mention of; empty if it asks for something else."""
    match = _CHINESE.search(question) or _ENGLISH.search(question)
    return _QUOTES.sub("", match["term"]).strip() if match else ""


def mention_answer(
    question: str,
    term: str,
    chunks_of: Callable[[str], Iterable[Chunk]],
    documents: Mapping[str, Document],
) -> Answer:
    """The places, or titles, of the reports that hold `term`, each cited once.

    Args:
        question: As asked.
        term: Looked for in any case, whatever quotation marks stand in it.
        chunks_of: Those of a report, by its id, in their order.
        documents: The shelf.
    """
    pattern = re.compile(f"{_QUOTES.pattern}{{0,2}}".join(map(re.escape, term)), re.IGNORECASE)
    first: dict[str, tuple[Chunk, Span]] = {}
    for name in sorted(name for name, each in documents.items() if pattern.search(each.text)):
        found = ((chunk, pattern.search(chunk.text)) for chunk in chunks_of(name))
        for chunk, match in found:
            if match is not None:
                first[name] = chunk, Span(*match.span())
                break
    passages = tuple(
        Passage(chunk, 1.0, rank, "mention") for rank, (chunk, _) in enumerate(first.values(), 1)
    )
    if not first:
        return Answer(question, no_mention(question, term), "", (), 0.0, True, (), 0.0)
    citations = tuple(
        cite(chunk, [span], documents[name], mark)
        for mark, (name, (chunk, span)) in enumerate(first.items(), 1)
    )
    names = [_name(documents[name]) for name in first]
    told = [f"{name} [{citation.mark}]" for name, citation in zip(names, citations, strict=True)]
    short = LIST_SEPARATOR.join(dict.fromkeys(names))
    return Answer(question, LIST_SEPARATOR.join(told), short, citations, 1.0, False, passages, 0.0)


def _name(document: Document) -> str:
    return document.place or document.title
