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


def test_without_sources_the_index_is_used_as_it_is(shelf: Path, config: RagConfig):
    with pytest.raises(IndexNotFoundError):
        open_index([], HashEncoder(), config)
    open_index([shelf], HashEncoder(), config)
    assert list(open_index([], HashEncoder(), config).documents) == ["roads"]


class SilentReader:
    model_id = "silent@1"


@pytest.fixture
def light_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.opening, "load_encoder", lambda name: HashEncoder())
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
