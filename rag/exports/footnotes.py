"""Footnotes for python-docx, which has none of its own as of 1.2: the part that holds them.

The part's form is that of ECMA-376-1, 17.11: a separator, a continuation separator, then the
footnotes, each referred to by its id from a run of the text.
"""

from collections.abc import Mapping, Sequence

from docx.document import Document as DocxDocument
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph

_SEPARATORS = ((-1, "separator"), (0, "continuationSeparator"))
_HALF_POINTS = "18"


class Footnotes:
    """Collects the footnotes of a document; `attach` puts them into it at the end."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def refer(self, paragraph: Paragraph, text: str) -> None:
        """Add a footnote that says `text`, and the reference to it at the end of `paragraph`."""
        self._texts.append(text)
        run = paragraph.add_run()
        run.font.superscript = True
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(len(self._texts)))
        run._r.append(reference)

    def attach(self, document: DocxDocument) -> None:
        """Put the footnotes into `document`; to be called once."""
        name = PackURI("/word/footnotes.xml")
        blob = footnotes_xml(self._texts)
        part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, blob, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def footnotes_xml(texts: Sequence[str]) -> bytes:
    """The part that holds `texts` as footnotes with ids from 1."""
    root = OxmlElement("w:footnotes")
    for number, mark in _SEPARATORS:
        note = _add(root, "w:footnote", {"w:type": mark, "w:id": str(number)})
        _add(_add(_add(note, "w:p"), "w:r"), f"w:{mark}")
    for number, text in enumerate(texts, start=1):
        paragraph = _add(_add(root, "w:footnote", {"w:id": str(number)}), "w:p")
        _add(_run(paragraph, "w:vertAlign", "superscript"), "w:footnoteRef")
        _write(_run(paragraph, "w:sz", _HALF_POINTS), f" {text}")
    return serialize_part_xml(root)


def _run(paragraph: BaseOxmlElement, attribute: str, value: str) -> BaseOxmlElement:
    """A run of text with one property."""
    run = _add(paragraph, "w:r")
    _add(_add(run, "w:rPr"), attribute, {"w:val": value})
    return run


def _write(run: BaseOxmlElement, text: str) -> None:
    """`text` into a run, its line breaks and spaces kept."""
    for number, line in enumerate(text.split("\n")):
        if number:
            _add(run, "w:br")
        _add(run, "w:t", {"xml:space": "preserve"}).text = line


def _add(
    parent: BaseOxmlElement, name: str, attributes: Mapping[str, str] | None = None
) -> BaseOxmlElement:
    """A new last child of `parent`."""
    named = {qn(attribute): value for attribute, value in (attributes or {}).items()}
    child: BaseOxmlElement = OxmlElement(name, named)
    parent.append(child)
    return child
