"""Footnotes for python-docx, which has none of its own as of 1.2: the part that holds them.

The part's form is that of ECMA-376-1, 17.11: a separator, a continuation separator, then the
footnotes, each referred to by its id from a run of the text.
"""

from collections.abc import Sequence

from docx.document import Document as DocxDocument
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.text.paragraph import Paragraph
from lxml import etree

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SEPARATORS = (
    (-1, "separator", "separator"),
    (0, "continuationSeparator", "continuationSeparator"),
)


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
    root = etree.Element(_name("footnotes"), nsmap={"w": _WORD})
    for number, kind, mark in _SEPARATORS:
        note = etree.SubElement(root, _name("footnote"), {_name("type"): kind})
        note.set(_name("id"), str(number))
        etree.SubElement(_run(_paragraph(note)), _name(mark))
    for number, text in enumerate(texts, start=1):
        note = etree.SubElement(root, _name("footnote"), {_name("id"): str(number)})
        paragraph = _paragraph(note)
        _own_mark(_run(paragraph))
        _write(_run(paragraph), f" {text}")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _own_mark(run: etree._Element) -> None:
    """The footnote's number at its own beginning."""
    properties = etree.SubElement(run, _name("rPr"))
    etree.SubElement(properties, _name("vertAlign"), {_name("val"): "superscript"})
    etree.SubElement(run, _name("footnoteRef"))


def _write(run: etree._Element, text: str) -> None:
    """`text` in small letters, its line breaks kept."""
    properties = etree.SubElement(run, _name("rPr"))
    etree.SubElement(properties, _name("sz"), {_name("val"): "18"})
    for number, line in enumerate(text.split("\n")):
        if number:
            etree.SubElement(run, _name("br"))
        element = etree.SubElement(run, _name("t"))
        element.text = line
        element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _paragraph(note: etree._Element) -> etree._Element:
    return etree.SubElement(note, _name("p"))


def _run(paragraph: etree._Element) -> etree._Element:
    return etree.SubElement(paragraph, _name("r"))


def _name(local: str) -> str:
    return f"{{{_WORD}}}{local}"
