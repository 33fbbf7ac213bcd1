import logging
from dataclasses import replace
from pathlib import Path

import pytest

import rag.opening
import rag.reader
from rag.config import RagConfig
from rag.errors import DocumentError, IndexNotFoundError
from rag.opening import open_index
from rag.pipeline import RagPipeline
from tests.fakes import HashEncoder

TEXT = "溪口县道路报告\n2019年，溪口县修路300公里，架桥12座。"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "roads.txt").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    return RagConfig(index=tmp_path / "index")


def test_missing_index_is_built_then_loaded(shelf: Path, config: RagConfig):
    first, second = HashEncoder(), HashEncoder()
    assert list(open_index([shelf], first, config).documents) == ["roads"]
    assert list(open_index([shelf], second, config).documents) == ["roads"]
    assert first.encoded
    assert not second.encoded


def test_changed_and_new_files_are_taken_up(shelf: Path, config: RagConfig):
    open_index([shelf], HashEncoder(), config)
    (shelf / "roads.txt").write_text(TEXT + "全县通路。", encoding="utf-8")
    (shelf / "water.md").write_text("白水镇饮水报告\n通水5村。", encoding="utf-8")
    documents = open_index([shelf], HashEncoder(), config).documents
    assert documents["roads"].text.endswith("全县通路。")
    assert "water" in documents


def test_bad_file_is_logged_and_the_rest_goes_on(
    shelf: Path, config: RagConfig, caplog: pytest.LogCaptureFixture
):
    (shelf / "empty.txt").write_text("", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert list(open_index([shelf], HashEncoder(), config).documents) == ["roads"]
    assert "left out: empty.txt" in caplog.text


def test_unchanged_shelf_with_a_bad_file_is_not_read_again_and_still_warned_of(
    shelf: Path, config: RagConfig, caplog: pytest.LogCaptureFixture, read: list[str]
):
    (shelf / "broken.txt").write_text("", encoding="utf-8")
    open_index([shelf], HashEncoder(), config)
    pointer = (config.index / "CURRENT").read_bytes()
    read.clear()
    caplog.clear()
    open_index([shelf], HashEncoder(), config)
    assert read == []
    assert [record.message[:19] for record in caplog.records] == ["left out: broken.tx"]
    assert (config.index / "CURRENT").read_bytes() == pointer


def test_bad_file_that_was_put_right_is_taken_up(shelf: Path, config: RagConfig, read: list[str]):
    (shelf / "water.txt").write_text("", encoding="utf-8")
    open_index([shelf], HashEncoder(), config)
    (shelf / "water.txt").write_text("白水镇饮水报告\n通水5村。", encoding="utf-8")
    read.clear()
    assert "water" in open_index([shelf], HashEncoder(), config).documents
    assert read == ["water.txt"]


def test_rebuild_reads_every_file_again(shelf: Path, config: RagConfig, read: list[str]):
    open_index([shelf], HashEncoder(), config)
    open_index([shelf], HashEncoder(), config, rebuild=True)
    assert read == ["roads.txt", "roads.txt"]


def test_moved_folder_is_neither_read_nor_encoded_again(
    shelf: Path, config: RagConfig, read: list[str]
):
    open_index([shelf], HashEncoder(), config)
    moved, encoder = shelf.rename(shelf.parent / "moved"), HashEncoder()
    index = open_index([moved], encoder, config)
    assert (read, encoder.encoded) == (["roads.txt"], [])
    assert [source.path for source in index.manifest.sources] == [str(moved / "roads.txt")]


@pytest.mark.parametrize("damaged", ["manifest.json", "vectors.npy"])
def test_damaged_index_is_built_anew_where_the_files_are_at_hand(
    shelf: Path, config: RagConfig, caplog: pytest.LogCaptureFixture, damaged: str
):
    open_index([shelf], HashEncoder(), config)
    (config.index / "gen-000001" / damaged).write_bytes(b"")
    assert list(open_index([shelf], HashEncoder(), config).documents) == ["roads"]
    assert "nothing of the old index is reused" in caplog.text


def test_without_sources_the_index_is_used_as_it_is(shelf: Path, config: RagConfig):
    with pytest.raises(IndexNotFoundError):
        open_index([], HashEncoder(), config)
    open_index([shelf], HashEncoder(), config)
    assert list(open_index([], HashEncoder(), config).documents) == ["roads"]


class SilentReader:
    model_id = "silent@1"


@pytest.fixture
def light_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.opening, "load_encoder", lambda name, device: HashEncoder())
    monkeypatch.setattr(rag.reader, "load_reader", lambda config: SilentReader(), raising=False)


@pytest.mark.usefixtures("light_models")
def test_open_takes_sources_an_index_folder_or_nothing(shelf: Path, config: RagConfig):
    built = RagPipeline.open(shelf, config=config)
    as_folder = RagPipeline.open(config.index, config=replace(config, index=Path("elsewhere")))
    as_set = RagPipeline.open(None, config=config)
    several = RagPipeline.open([shelf / "roads.txt"], config=config)
    assert (
        {*built.documents}
        == {*as_folder.documents}
        == {*as_set.documents}
        == {*several.documents}
        == {"roads"}
    )


@pytest.mark.usefixtures("light_models")
def test_open_names_a_missing_folder(tmp_path: Path, config: RagConfig):
    with pytest.raises(DocumentError, match="nowhere does not exist"):
        RagPipeline.open(str(tmp_path / "nowhere"), config=config)
