"""Small files that unpack, nest or spread without end, read as they are read in the product."""

import io
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from rag.chunking import chunk_document
from rag.config import RagConfig
from rag.errors import DocumentError
from rag.loading import load_document
from tests.hostile_files import samples

pytestmark = pytest.mark.integration  # Each is read in a process of its own, or takes a while.
CONFIG = RagConfig(max_parse_seconds=15.0)
MAX_SECONDS = 60
LONG = 300_000


def pdf_bomb() -> bytes:
    """A page whose content is zeros, deflated three times: a kilobyte that unpacks to gigabytes."""
    packed = zlib.compress(bytes(200_000_000), 9)
    packed = zlib.compress(packed, 9)
    filters = b"[/FlateDecode /FlateDecode]"
    parts = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R>>",
        b"<</Length %d /Filter %s>>stream\n%s\nendstream" % (len(packed), filters, packed),
    ]
    out = b"%PDF-1.4\n"
    offsets = []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer\n<</Root 1 0 R /Size 5>>\nstartxref\n%d\n%%%%EOF" % len(out)
    return out + b"xref\n0 5\n0000000000 65535 f \n" + table + end


def pdf_of_kids() -> bytes:
    """A tree of pages that holds itself."""
    return (
        b"%PDF-1.4\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n"
        b"<</Type /Pages /Kids [2 0 R 2 0 R] /Count 2>>\nendobj\n"
        b"trailer\n<</Root 1 0 R /Size 3>>\nstartxref\n0\n%%EOF"
    )


def office(name: str, part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(samples()[name])) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            new.writestr(each, content if each == part else old.read(each))
    return out.getvalue()


WORDS = (
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
)
LAUGHS = b"<!DOCTYPE x [<!ENTITY a '%s'>%s]>" % (
    b"ha" * 10,
    b"".join(b"<!ENTITY %c '%s'>" % (n + 1, b"&%c;" % n * 10) for n in range(97, 108)),
)
BOMBS = {
    "zeros.pdf": pdf_bomb,
    "kids.pdf": pdf_of_kids,
    "open.pdf": lambda: b"%PDF-1.4\n1 0 obj\n" + b"<<" * LONG,
    "zeros.docx": lambda: office("report.docx", "word/document.xml", bytes(200_000_000)),
    "deep.docx": lambda: office("report.docx", "word/document.xml", WORDS + b"<w:p>" * LONG),
    "laughs.docx": lambda: office("report.docx", "word/document.xml", LAUGHS + b"<x>&l;</x>"),
    "file.docx": lambda: office(
        "report.docx",
        "word/document.xml",
        b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + WORDS + b"<w:p><w:r><w:t>&e;",
    ),
    "zeros.xlsx": lambda: office("investment.xlsx", "xl/worksheets/sheet1.xml", bytes(200_000_000)),
    "laughs.xlsx": lambda: office(
        "investment.xlsx", "xl/sharedStrings.xml", LAUGHS + b"<x>&l;</x>"
    ),
    "deep.html": lambda: b"<div>" * LONG + b"text",
    "tables.html": lambda: b"<table><tr><td>" * 50_000 + b"text",
    "spans.html": lambda: b"<table><tr><td rowspan=60000 colspan=60000>x</td></tr></table>" * 50,
    "attributes.html": lambda: b"<p " + b"a=b " * LONG + b">text",
    "entities.html": lambda: b"&lt;" * LONG,
    "quotes.csv": lambda: b'"' * LONG,
    "columns.csv": lambda: b"a," * LONG + b"\n" + b"1," * LONG,
    "rows.csv": lambda: b"a,b\n" + b"1,2\n" * LONG,
}


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_is_refused_or_read_in_time(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(BOMBS[name]())
    started = time.perf_counter()
    try:
        shown = load_document(path, CONFIG).text
    except DocumentError as exc:
        shown = str(exc)
    assert "root:" not in shown
    assert shown.count("ha") < 1000
    assert time.perf_counter() - started < MAX_SECONDS


# What many rules look for, without end on one line or on lines of its own.
TEXTS = {
    "years": "2019年",
    "dates": "2019年1月1日在",
    "delivered": "会",
    "labels": "发布日期：",
    "brackets": "（",
    "quotes": "“",
    "figures": "12.5%、",
    "rows": "甲：乙；",
    "stops": "。",
    "blanks": " 　",
    "letters": "x",
    "names": "县市区",
    "numbers": "1.1.1 ",
    "headings": "一、\n",
    "front": "a: b\n",
}


@pytest.mark.parametrize("before", ["", "2019年1月1日在", "---\n", "发布日期：\n"])
@pytest.mark.parametrize("kind", sorted(TEXTS))
def test_text_without_end_takes_a_time_that_grows_with_its_length(tmp_path, kind, before):
    n_chars = 50_000
    path = tmp_path / "long.txt"
    path.write_text(before + TEXTS[kind] * (n_chars // len(TEXTS[kind])) + "完", encoding="utf-8")
    started = time.process_time()
    document = load_document(path, CONFIG)
    chunks = chunk_document(document, CONFIG.chunk_chars)
    assert time.process_time() - started < 10  # It was two minutes where it grew with the square.
    assert max(len(chunk.text) for chunk in chunks) <= 2 * CONFIG.chunk_chars


def test_a_line_of_a_hundred_million_characters_is_refused_unread(tmp_path):
    path = tmp_path / "line.txt"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(DocumentError, match=r"line\.txt: has 100000000 bytes, more than"):
        load_document(path, RagConfig())


@pytest.mark.soak
def test_a_line_as_long_as_a_file_may_be_is_read(tmp_path):
    path = tmp_path / "line.txt"
    path.write_text("县" * (RagConfig().max_document_bytes // 3), encoding="utf-8")
    document = load_document(path, RagConfig())
    assert len(chunk_document(document, 300)) > 20_000
