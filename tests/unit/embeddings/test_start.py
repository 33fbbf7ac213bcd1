import threading
from pathlib import Path

import pytest

import embeddings.start
from embeddings.errors import WeightsCorruptError
from embeddings.pieces import pieces_in
from embeddings.start import bundled_model_beside_imports


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(embeddings.start, "import_lasting", lambda *given: names.extend(given))
    return names


def test_weights_are_checked_and_pieces_read_while_libraries_are_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    is_importing, is_read = threading.Event(), threading.Event()

    def check(cache_dir: Path | None) -> Path:
        assert is_importing.wait(5), "libraries are imported only afterwards"
        return tmp_path

    def read(folder: Path) -> None:
        assert folder == tmp_path
        is_read.set()

    def import_libraries(*names: str) -> None:
        is_importing.set()
        assert is_read.wait(5), "the tokenizer is read only afterwards"

    monkeypatch.setattr(embeddings.start, "bundled_model", check)
    monkeypatch.setattr(embeddings.start, "pieces_in", read)
    monkeypatch.setattr(embeddings.start, "import_lasting", import_libraries)
    assert bundled_model_beside_imports(None) == tmp_path


def test_damaged_weights_are_told(monkeypatch: pytest.MonkeyPatch, imported: list[str]):
    def refuse(cache_dir: Path | None) -> Path:
        raise WeightsCorruptError("it has another hash")

    monkeypatch.setattr(embeddings.start, "bundled_model", refuse)
    with pytest.raises(WeightsCorruptError, match="another hash"):
        bundled_model_beside_imports(None)


def test_pieces_that_cannot_be_read_are_told_by_the_encoder(
    monkeypatch: pytest.MonkeyPatch, imported: list[str], tmp_path: Path
):
    monkeypatch.setattr(embeddings.start, "bundled_model", lambda cache_dir: tmp_path)
    assert bundled_model_beside_imports(None) == tmp_path
    with pytest.raises(RuntimeError, match=r"sentencepiece\.bpe\.model"):
        pieces_in(tmp_path)
