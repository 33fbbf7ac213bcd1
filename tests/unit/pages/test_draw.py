import base64
import io
import sys
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter

from rag.errors import DocumentError
from rag.pages import Box, Picture, Wanted, draw

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
REPORT = (DOCUMENTS / "report.pdf").read_bytes()


def picture_of(page: Picture) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(page.png))).convert("L")


def darkest(page: Picture, box: Box) -> int:
    """The darkest shade within `box`: ink is near 0, paper is 255."""
    picture = picture_of(page)
    w, h = picture.size
    cut = picture.crop(
        (int(box.left * w), int(box.top * h), int(box.right * w), int(box.bottom * h))
    )
    return int(cut.getextrema()[0])  # type: ignore[arg-type]  # of one band it is a pair


def test_the_light_lies_on_the_words_in_the_picture():
    page = draw(REPORT, "report.pdf", 2, Wanted("发展茶叶基地5.8万亩，带动贫困户6120户"))
    assert page.light is not None
    (box,) = page.light.evidence
    assert darkest(page, box) < 100
    blank = Box(0.1, 0.5, 0.9, 0.8)
    assert darkest(page, blank) == 255


def test_a_word_divided_at_a_line_end_is_found():
    data = (DOCUMENTS / "two_columns.pdf").read_bytes()
    page = draw(
        data, "two_columns.pdf", 1, Wanted("Road construction in Xikou County was completed")
    )
    assert page.light is not None
    assert len(page.light.evidence) == 2


def test_words_of_another_page_are_not_lit():
    assert draw(REPORT, "report.pdf", 1, Wanted("发展茶叶基地5.8万亩")).light is None


def test_a_turned_page_is_lit_where_its_words_are():
    writer = PdfWriter(clone_from=io.BytesIO(REPORT))
    writer.pages[1].rotate(90)
    out = io.BytesIO()
    writer.write(out)
    page = draw(out.getvalue(), "a.pdf", 2, Wanted("比2015年提高了"))
    assert page.width > page.height
    assert page.light is not None
    assert darkest(page, page.light.evidence[0]) < 100


def test_a_page_that_is_not_there_is_told():
    with pytest.raises(DocumentError, match=r"report\.pdf: has 4 pages and no page 9"):
        draw(REPORT, "report.pdf", 9, Wanted("x"))


def test_a_damaged_file_is_told():
    with pytest.raises(DocumentError, match=r"a\.pdf: is damaged or no PDF file"):
        draw(b"%PDF-1.4\nnothing", "a.pdf", 1, Wanted("x"))


def test_a_page_that_takes_too_long_is_given_up():
    worker = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(DocumentError, match=r"a\.pdf: page 3 is not drawn after 0\.2 seconds"):
        draw(b"", "a.pdf", 3, Wanted("x"), 0.2, worker)


def test_a_page_like_a_strip_stays_small():
    writer = PdfWriter()
    writer.add_blank_page(width=10, height=14_000)
    out = io.BytesIO()
    writer.write(out)
    page = draw(out.getvalue(), "strip.pdf", 1, Wanted("x"))
    assert page.height <= 2200
    assert page.light is None
