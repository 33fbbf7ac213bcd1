import io
import zipfile

import pytest

from rag.errors import DocumentError
from rag.parsing.limits import check_cells, check_office_file, check_pages
from rag.parsing.xlsx import parse_xlsx


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_sound_archive_passes():
    check_office_file(zipped(a=b"x" * 1000), "a.docx")


def test_a_zip_bomb_is_refused():
    bomb = zipped(a=bytes(11_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(DocumentError, match=r"a\.docx: unpacks to \d+ times its size or more"):
        check_office_file(bomb, "a.docx")


def test_a_zip_bomb_that_lies_about_its_size_is_refused():
    bomb = bytearray(zipped(a=bytes(11_000_000)))
    declared = (11_000_000).to_bytes(4, "little")
    while (at := bomb.find(declared)) >= 0:
        bomb[at : at + 4] = (1000).to_bytes(4, "little")
    # Python's zipfile gives no more than what is declared, and then finds the checksum wrong.
    with pytest.raises((DocumentError, zipfile.BadZipFile)):
        check_office_file(bytes(bomb), "a.docx")


def test_too_large_contents_are_refused(monkeypatch):
    monkeypatch.setattr("rag.parsing.limits._MAX_UNPACKED_BYTES", 999)
    with pytest.raises(DocumentError, match=r"unpacks to 1000 bytes or more, more than 999; split"):
        check_office_file(zipped(a=b"x" * 1000), "a.docx")


def test_too_many_parts_are_refused():
    many = zipped(**{f"p{number}": b"" for number in range(2001)})
    with pytest.raises(DocumentError, match=r"a\.xlsx: packs 2001 parts, more than 2000"):
        check_office_file(many, "a.xlsx")


def test_too_many_pages_and_cells_are_refused():
    check_pages(2000, "a.pdf")
    check_cells(500_000, "a.csv")
    with pytest.raises(DocumentError, match=r"a\.pdf: has 2001 pages, more than 2000; split it"):
        check_pages(2001, "a.pdf")
    with pytest.raises(DocumentError, match=r"a\.csv: its tables have 500001 cells or more"):
        check_cells(500_001, "a.csv")


def test_a_merged_range_over_a_whole_sheet_is_refused_before_it_is_filled():
    sheet = b'<worksheet><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    with pytest.raises(DocumentError, match=r"a\.xlsx: its tables have \d+ cells or more"):
        parse_xlsx(zipped(**{"xl/worksheets/sheet1.xml": sheet}), "a.xlsx")
