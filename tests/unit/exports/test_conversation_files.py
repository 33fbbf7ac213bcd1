import io
import json
from dataclasses import replace
from xml.etree import ElementTree

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from rag.exports import (
    Form,
    answer_as_gbt,
    answer_as_markdown,
    answer_as_text,
    export_conversation,
)
from rag.exports.markdown import escape_markdown
from rag.history import Conversation, Heading, KeptTurn
from rag.history.records import answer_of
from rag.output import answer_record
from rag.schema import answer_schema
from rag.types import Answer
from tests.html_reading import Reading

HOSTILE = "<img src=x onerror=alert(1)> **b** [x](http://198.51.100.7/) `c` | # 1. _i_ \\ &amp; $y$"
TIME = "2024-05-01T08:00:00+00:00"
VERSIONS = {"reader": "r@1", "index": "gen-000007"}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def conversation_of(*answers: Answer, title: str = "电站") -> Conversation:
    turns = tuple(
        KeptTurn(f"t{n}", n, TIME, answer, answer_record(f"t{n}", answer), VERSIONS, "right")
        for n, answer in enumerate(answers, start=1)
    )
    return Conversation(Heading("c", title, TIME), turns)


def shown(markdown: str) -> Reading:
    return Reading(MarkdownIt("commonmark").enable("table").render(markdown))


def footnotes_of(data: bytes) -> dict[str, str]:
    part = docx.Document(io.BytesIO(data)).part.part_related_by(RELATIONSHIP_TYPE.FOOTNOTES)
    notes = ElementTree.fromstring(part.blob).findall(f"{WORD}footnote")
    return {note.attrib[f"{WORD}id"]: "".join(note.itertext()).strip() for note in notes}


def test_markdown_has_question_answer_and_quotation(answer, document):
    file = export_conversation(conversation_of(answer), Form.MARKDOWN, {"songxi": document})
    page = shown(file.data.decode())
    assert page.tags[:3] == ["h1", "h2", "p"]
    assert "41座 [1]" in page.text
    assert answer.citations[0].text in page.text
    assert "gen-000007" in page.text
    assert "source changed" not in page.text


@pytest.mark.parametrize("line", [HOSTILE, "- a", "1. a", "2) a", "+ a", "# a", "> a", "---", "=="])
def test_markdown_shows_text_as_it_is(line):
    page = shown(escape_markdown(line))
    assert page.tags == ["p"]
    assert page.text.strip() == line


@pytest.mark.parametrize("form", [answer_as_text, answer_as_markdown, answer_as_gbt])
def test_a_copied_answer_says_when_its_source_is_gone(answer, document, form):
    assert "来源已变 source changed" in form(answer, {})
    assert "source changed" not in form(answer, {"songxi": document})


def test_json_holds_records_of_the_schema_that_become_answers_again(answer, document):
    file = export_conversation(conversation_of(answer), Form.JSON, {"songxi": document})
    (turn,) = json.loads(file.data)["turns"]
    Draft202012Validator(answer_schema()).validate(turn["answer"])
    assert answer_of(turn["answer"], turn["text"], {}).citations == answer.citations
    assert turn["versions"] == VERSIONS


def test_docx_has_answers_as_paragraphs_and_citations_as_footnotes(answer, document):
    file = export_conversation(conversation_of(answer, answer), Form.DOCX, {"songxi": document})
    report = docx.Document(io.BytesIO(file.data))
    texts = [paragraph.text for paragraph in report.paragraphs]
    assert texts == ["电站", answer.question, "41座", answer.question, "41座"]
    referred = [node.get(f"{WORD}id") for node in report.element.iter(f"{WORD}footnoteReference")]
    notes = footnotes_of(file.data)
    assert referred == ["1", "2"]
    assert answer.citations[0].text in notes["1"]
    assert "松溪县总结, songxi " in notes["2"]
    assert {"-1", "0"} < set(notes)


def test_docx_takes_what_xml_forbids(answer, document):
    nasty = replace(answer, question="a\x00\x0b\ud800<b>&", text="x\x01 [1] [7]")
    file = export_conversation(
        conversation_of(nasty, title="\x00"), Form.DOCX, {"songxi": document}
    )
    texts = [paragraph.text for paragraph in docx.Document(io.BytesIO(file.data)).paragraphs]
    assert texts == ["\ufffd", "a\ufffd\ufffd\ufffd<b>&", "x\ufffd [7]"]


def test_docx_says_when_a_source_is_gone(answer):
    file = export_conversation(conversation_of(answer), Form.DOCX, {})
    assert "source changed" in footnotes_of(file.data)["1"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("电站 多少？", "电站_多少.md"),
        ("../../etc/passwd", "etc_passwd.md"),
        ("???", "conversation.md"),
        ("长" * 500, "长" * 60 + ".md"),
    ],
)
def test_names_of_files_are_safe(answer, title, name):
    conversation = conversation_of(answer, title=title)
    assert export_conversation(conversation, Form.MARKDOWN, {}).name == name
