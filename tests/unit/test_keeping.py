"""What a crash left half done between given files and the index."""

import logging
import os
import time
from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.generations import writing
from rag.index import build_index
from rag.keeping import ABANDONED_SECONDS, discard_abandoned, kept, settle
from rag.types import Document, SourceFile
from rag.uploads import stage, upload_folder, uploaded_files
from tests.fakes import HashEncoder


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    return RagConfig(index=tmp_path / "index")


class KilledError(BaseException):
    """Stands for the process's end."""


def die_while_keeping(folder: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "roads.txt"
    path.write_text("新", encoding="utf-8")
    incoming = stage(path, config)
    with monkeypatch.context() as patch:
        patch.setattr("rag.keeping._settle_all", lambda *_: None)
        with pytest.raises(KilledError), kept([incoming], config):
            raise KilledError


def index_one(config: RagConfig, source: Path) -> None:
    document = Document("water", "0", "白水镇通水5村。", "题")
    build_index([document], HashEncoder(), config, sources=(SourceFile(str(source), "0"),))


def test_a_file_that_the_index_did_not_take_up_goes(tmp_path, config, monkeypatch):
    index_one(config, tmp_path / "water.txt")
    die_while_keeping(tmp_path, config, monkeypatch)
    assert [path.name for path in uploaded_files(config)] == ["roads.txt"]
    settle(config)
    assert uploaded_files(config) == []


def test_without_an_index_no_file_is_touched(tmp_path, config, monkeypatch):
    die_while_keeping(tmp_path, config, monkeypatch)
    settle(config)
    assert [path.name for path in uploaded_files(config)] == ["roads.txt"]


def test_while_another_process_writes_nothing_is_settled_and_that_is_told(
    tmp_path, config, monkeypatch, caplog
):
    index_one(config, tmp_path / "water.txt")
    die_while_keeping(tmp_path, config, monkeypatch)
    with writing(config.index), caplog.at_level(logging.WARNING):
        settle(config)
    assert "another process is writing" in caplog.text
    assert list(upload_folder(config).glob("*.txt"))


def test_an_index_of_another_format_keeps_nobody_from_building_it_anew(
    tmp_path, config, monkeypatch, caplog
):
    index_one(config, tmp_path / "water.txt")
    die_while_keeping(tmp_path, config, monkeypatch)
    monkeypatch.setattr("rag.manifest.FORMAT_VERSION", 99)
    settle(config)
    assert "half done stay so for now" in caplog.text


def test_a_file_whose_server_ended_before_its_turn_does_not_stay_for_ever(
    tmp_path, config, monkeypatch
):
    given = [tmp_path / "old.txt", tmp_path / "new.txt"]
    for file in given:
        file.write_text("x", encoding="utf-8")
    old, new = (stage(file, config) for file in given)
    die_while_keeping(tmp_path, config, monkeypatch)
    (unsettled,) = upload_folder(config).glob(".incoming/*/~*~*")
    past = time.time() - ABANDONED_SECONDS - 1
    for folder in (old.path.parent, unsettled.parent):
        os.utime(folder, (past, past))
    discard_abandoned(config)
    assert [path.exists() for path in (old.path, new.path, unsettled)] == [False, True, True]
