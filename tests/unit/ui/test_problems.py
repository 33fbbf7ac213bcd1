"""The Chinese of the messages, held against the code that raises them."""

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag
from rag.config import RagConfig
from rag.errors import DocumentError
from rag.loading import load_document
from rag.ui.problems import CHINESE, MAX_PROBLEM_CHARS, told
from tests.words import in_chinese, in_english

PACKAGE = Path(rag.__file__).parent
# All that these raise may be met on the page.
MET = [
    "decoding.py",
    "metadata.py",
    "open_shelf.py",
    "parsing/limits.py",
    "parsing/pdf.py",
    "ui/operation/turns.py",
    "history/conversations.py",
    "history/database.py",
    "history/feedback.py",
]


def template(node: ast.AST) -> str | None:
    """The text of a string in the code, with `{}` for what is put into it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) or "{}" for part in node.values)
    return None


def raised(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            names = [template(argument) for argument in node.exc.args]
            if "BrokenRecordError" not in ast.unparse(node.exc.func):  # Told within others.
                yield from filter(None, names[-1:])


@pytest.mark.parametrize("name", MET)
def test_each_message_that_is_met_on_the_page_has_its_chinese(name):
    assert set(raised(PACKAGE / name)) <= CHINESE.keys()


def test_each_english_text_is_one_of_the_code():
    table = PACKAGE / "ui" / "problems.py"
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path != table]
    known = {template(node) for source in sources for node in ast.walk(ast.parse(source))}
    # What a process took too long for is put behind the name of the file elsewhere.
    unknown = [text for text in CHINESE if {text, text.removeprefix("{}: ")}.isdisjoint(known)]
    assert unknown == []


@pytest.mark.parametrize("english", CHINESE)
def test_what_differs_stands_in_both_languages(english):
    parts = [f"part-{n}" for n in range(english.count("{}"))]
    chinese = in_chinese(told(english.format(*parts)))
    assert chinese == CHINESE[english].format(*parts)
    assert all(part in chinese for part in parts)


def test_a_message_that_ends_with_another_is_chinese_to_its_end(tmp_path):
    slides = tmp_path / "甲.pptx"
    slides.write_bytes(b"x")
    with pytest.raises(DocumentError) as caught:
        load_document(slides, RagConfig())
    assert in_chinese(told(caught.value)) == "甲.pptx：不能读这一类文件；请另存为 PDF"
    assert in_english(told(caught.value)) == str(caught.value)


@pytest.mark.parametrize("n", [60, 60_000])
def test_a_message_full_of_our_own_words_is_told_in_no_time(n):
    began = time.monotonic()
    told(": " + " is : has more than characters; published is " * n)
    told("x: cannot read this kind; " * n)
    assert time.monotonic() - began < 1


def test_what_stands_for_a_part_may_hold_our_own_words():
    problem = "a: b has c: d has 9 characters; expected at most 5"
    assert in_english(told(problem)) == problem
    assert in_chinese(told(problem)) == "a：b 有 c: d has 9 字；最多 5 字"


def test_an_unknown_message_is_told_as_it_is():
    assert told(ValueError("something else")) == "something else"


def test_a_long_message_is_cut_and_stays_a_pair():
    problem = told(f"{'x' * 9999}.txt: looks like a binary file, not text")
    for shown in (in_chinese(problem), in_english(problem)):
        assert len(shown) == MAX_PROBLEM_CHARS
