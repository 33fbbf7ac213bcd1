from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.loading import load_documents
from rag.originals import Original, OriginalState, read_original
from rag.types import Document, SourceFile

MAX_BYTES = RagConfig().max_document_bytes


@pytest.fixture
def shelf(tmp_path) -> tuple[Path, Document, tuple[SourceFile, ...]]:
    path = tmp_path / "a.txt"
    path.write_text("甲县建成茶园8,200亩。", encoding="utf-8")
    loaded = load_documents([path], RagConfig())
    return path, loaded.documents[0], loaded.sources


def test_the_file_of_a_document_is_found_by_its_id(shelf):
    path, document, sources = shelf
    expected = Original(OriginalState.CURRENT, "a.txt", path.read_bytes())
    assert read_original(document, sources, MAX_BYTES) == expected


def test_a_file_that_changed_is_not_given(shelf):
    path, document, sources = shelf
    path.write_text("甲县建成茶园9,000亩。", encoding="utf-8")
    assert read_original(document, sources, MAX_BYTES) == Original(OriginalState.CHANGED, "a.txt")


def test_a_file_that_grew_beyond_the_limit_has_changed(shelf):
    _, document, sources = shelf
    assert read_original(document, sources, 5).state == OriginalState.CHANGED


def test_a_file_that_went_is_missing(shelf):
    path, document, sources = shelf
    path.unlink()
    assert read_original(document, sources, MAX_BYTES) == Original(OriginalState.MISSING)


def test_a_document_that_came_from_no_file_is_missing(shelf):
    _, document, sources = shelf
    stranger = Document("b", "0", "x", "x")
    assert read_original(stranger, sources, MAX_BYTES).state == OriginalState.MISSING
    assert read_original(document, (), MAX_BYTES).state == OriginalState.MISSING


def test_a_file_that_was_left_out_is_no_document(shelf):
    path, document, _ = shelf
    left_out = SourceFile(str(path), "", "a.txt: is damaged")
    assert read_original(document, [left_out], MAX_BYTES).state == OriginalState.MISSING
