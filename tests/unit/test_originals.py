from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.loading import load_documents
from rag.originals import Original, OriginalState, original_state, read_original
from rag.types import Document

MAX_BYTES = RagConfig().max_document_bytes


@pytest.fixture
def shelf(tmp_path) -> tuple[Path, Document]:
    path = tmp_path / "a.txt"
    path.write_text("甲县建成茶园8,200亩。", encoding="utf-8")
    return path, load_documents([path], RagConfig()).documents[0]


def test_the_file_of_a_document_is_given(shelf):
    path, document = shelf
    expected = Original(OriginalState.CURRENT, path.read_bytes())
    assert read_original(document, str(path), MAX_BYTES) == expected


def test_a_file_that_changed_is_not_given(shelf):
    path, document = shelf
    path.write_text("甲县建成茶园9,000亩。", encoding="utf-8")
    assert read_original(document, str(path), MAX_BYTES) == Original(OriginalState.CHANGED)


def test_the_bytes_that_are_given_are_those_that_were_checked(shelf, monkeypatch):
    path, document = shelf
    monkeypatch.setattr("rag.files._touched", lambda path: ())  # As if nothing was ever touched.
    assert original_state(document, str(path), MAX_BYTES) == (OriginalState.CURRENT, "")
    path.write_text("甲县建成茶园9,000亩。", encoding="utf-8")
    assert read_original(document, str(path), MAX_BYTES) == Original(OriginalState.CHANGED)


def test_a_file_that_grew_beyond_the_limit_has_changed(shelf):
    path, document = shelf
    original = read_original(document, str(path), 5)
    assert original.state == OriginalState.CHANGED
    assert "more than max_document_bytes (5)" in original.problem


def test_a_file_that_cannot_be_looked_for_has_changed(shelf):
    _, document = shelf
    original = read_original(document, "/" + "a" * 300, MAX_BYTES)
    assert (original.state, bool(original.problem)) == (OriginalState.CHANGED, True)


def test_a_file_that_went_is_missing(shelf):
    path, document = shelf
    path.unlink()
    assert read_original(document, str(path), MAX_BYTES) == Original(OriginalState.MISSING)


def test_a_document_that_came_from_no_file_has_none(shelf):
    _, document = shelf
    assert read_original(document, None, MAX_BYTES) == Original(OriginalState.MISSING)
