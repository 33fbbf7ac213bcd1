import logging
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import rag.files
import rag.index
import rag.segments
from rag.chunking import chunk_document
from rag.config import RagConfig
from rag.errors import (
    ConfigError,
    DocumentError,
    IndexCorruptError,
    IndexLockedError,
    IndexMismatchError,
    IndexNotFoundError,
)
from rag.files import Content, read_content
from rag.generations import writing
from rag.index import build_index, load_index
from rag.opening import open_index
from rag.shelf import Entry, Status, add_documents, list_documents, remove_documents
from rag.types import Document
from tests.fakes import HashEncoder

ROADS = "溪口县道路报告\n2019年，溪口县修路300公里，架桥12座。"
WATER = "白水镇饮水报告\n2020年，白水镇通水5村。"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    put(folder, "roads.txt", ROADS)
    return folder


@pytest.fixture
def config(tmp_path: Path, shelf: Path) -> RagConfig:
    config = RagConfig(index=tmp_path / "index")
    open_index([shelf], HashEncoder(), config)
    return config


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def ids(config: RagConfig) -> list[str]:
    return list(load_index(config).documents)


def generation(config: RagConfig) -> str:
    return (config.index / "CURRENT").read_text().split()[0]


def test_added_file_joins_the_others_and_alone_is_read_and_encoded(
    tmp_path: Path, config: RagConfig, read: list[str]
):
    encoder = HashEncoder()
    read.clear()
    index = add_documents([put(tmp_path, "water.txt", WATER)], encoder, config)
    assert list(index.documents) == ids(config) == ["roads", "water"]
    assert read == ["water.txt"]
    assert encoder.encoded
    assert not any("修路" in text for text in encoder.encoded)


def test_added_folder_with_unchanged_files_writes_and_reads_nothing(
    shelf: Path, config: RagConfig, read: list[str]
):
    put(shelf, "bad.txt", "")
    put(shelf, "water.txt", WATER)
    add_documents([shelf], HashEncoder(), config)
    before, encoder = generation(config), HashEncoder()
    read.clear()
    add_documents([shelf], encoder, config)
    assert (generation(config), encoder.encoded, read) == (before, [], [])


def test_only_the_added_file_is_cut_into_chunks(
    tmp_path: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    cut: list[str] = []

    def counting(document: Document, chunk_chars: int):
        cut.append(document.document_id)
        return chunk_document(document, chunk_chars)

    monkeypatch.setattr(rag.updates, "chunk_document", counting)
    add_documents([put(tmp_path, "water.txt", WATER)], HashEncoder(), config)
    assert cut == ["water"]


def test_changed_file_replaces_its_document_in_place(shelf: Path, config: RagConfig):
    add_documents([put(shelf, "water.txt", WATER)], HashEncoder(), config)
    put(shelf, "roads.txt", ROADS + "全县通路。")
    index = add_documents([shelf / "roads.txt"], HashEncoder(), config)
    assert list(index.documents) == ["roads", "water"]
    assert index.documents["roads"].text.endswith("全县通路。")


def test_other_documents_stay_though_their_files_are_gone(
    tmp_path: Path, shelf: Path, config: RagConfig
):
    (shelf / "roads.txt").unlink()
    add_documents([put(tmp_path, "water.txt", WATER)], HashEncoder(), config)
    assert ids(config) == ["roads", "water"]


def test_add_makes_an_index_where_there_is_none(shelf: Path, config: RagConfig):
    anew = replace(config, index=config.index / "anew")
    add_documents([shelf], HashEncoder(), anew)
    assert ids(anew) == ["roads"]


def test_bad_file_is_warned_of_each_time_and_the_rest_goes_on(
    shelf: Path, config: RagConfig, caplog: pytest.LogCaptureFixture
):
    put(shelf, "bad.txt", "")
    put(shelf, "water.txt", WATER)
    for _ in range(2):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            add_documents([shelf], HashEncoder(), config)
        assert [record.message[:18] for record in caplog.records] == ["left out: bad.txt:"]
    assert ids(config) == ["roads", "water"]


def test_document_stays_when_its_changed_file_cannot_be_read(shelf: Path, config: RagConfig):
    put(shelf, "roads.txt", "")
    put(shelf, "water.txt", WATER)
    add_documents([shelf], HashEncoder(), config)
    statuses = [(entry.document_id, entry.status) for entry in list_documents(config)]
    assert statuses == [
        ("roads", Status.CHANGED),
        ("water", Status.CURRENT),
        ("roads", Status.LEFT_OUT),
    ]


def test_file_that_was_put_right_is_no_longer_left_out(shelf: Path, config: RagConfig):
    put(shelf, "water.txt", "")
    put(shelf, "woods.txt", WATER)
    add_documents([shelf], HashEncoder(), config)
    put(shelf, "water.txt", WATER)
    add_documents([shelf / "water.txt"], HashEncoder(), config)
    assert {entry.status for entry in list_documents(config)} == {Status.CURRENT}


def test_only_bad_files_are_an_error_and_leave_the_index(tmp_path: Path, config: RagConfig):
    before = generation(config)
    with pytest.raises(DocumentError, match=r"no report could be read: bad\.txt: holds no text"):
        add_documents([put(tmp_path, "bad.txt", "")], HashEncoder(), config)
    assert generation(config) == before


def test_missing_file_does_not_make_an_index(tmp_path: Path):
    config = RagConfig(index=tmp_path / "none")
    with pytest.raises(DocumentError, match="does not exist"):
        add_documents([tmp_path / "nowhere"], HashEncoder(), config)
    assert not config.index.exists()


def test_file_elsewhere_does_not_take_the_name_of_one_that_is_there(
    tmp_path: Path, config: RagConfig, caplog: pytest.LogCaptureFixture
):
    other = tmp_path / "other"
    other.mkdir()
    put(other, "roads.txt", WATER)
    put(other, "water.txt", WATER)
    add_documents([other], HashEncoder(), config)
    assert "has the same name as" in caplog.text
    assert load_index(config).documents["roads"].text == ROADS


def test_moved_file_is_followed(tmp_path: Path, shelf: Path, config: RagConfig, read: list[str]):
    read.clear()
    moved = (shelf / "roads.txt").rename(tmp_path / "roads.txt")
    add_documents([moved], HashEncoder(), config)
    (entry,) = list_documents(config)
    assert (entry.source, entry.status, read) == (str(moved), Status.CURRENT, [])


def test_index_of_another_model_or_format_is_refused(
    tmp_path: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    path = put(tmp_path, "water.txt", WATER)
    with pytest.raises(IndexMismatchError, match="model_id 'hash@1', this program wants 'hash@2'"):
        add_documents([path], HashEncoder(model_id="hash@2"), config)
    monkeypatch.setattr("rag.manifest.FORMAT_VERSION", 99)
    for call in (
        lambda: add_documents([path], HashEncoder(), config),
        lambda: remove_documents(["roads"], config),
        lambda: list_documents(config),
    ):
        with pytest.raises(IndexMismatchError, match=r"format_version .*run: rag index --rebuild"):
            call()


def test_damaged_index_is_refused_and_not_replaced_by_the_new_file(
    tmp_path: Path, config: RagConfig
):
    (config.index / generation(config) / "documents.jsonl").write_bytes(b"")
    with pytest.raises(IndexCorruptError, match=r"documents\.jsonl"):
        add_documents([put(tmp_path, "water.txt", WATER)], HashEncoder(), config)


def test_removed_document_is_gone_and_the_index_is_one_built_without_it(
    tmp_path: Path, shelf: Path, config: RagConfig
):
    add_documents([put(shelf, "water.txt", WATER)], HashEncoder(), config)
    index = remove_documents(["roads"], config)
    assert ids(config) == ["water"]
    anew = replace(config, index=tmp_path / "anew")
    assert add_documents([shelf / "water.txt"], HashEncoder(), anew).manifest == index.manifest
    assert (shelf / "roads.txt").exists()


def test_removed_document_comes_back_without_being_known(
    shelf: Path, config: RagConfig, read: list[str]
):
    add_documents([put(shelf, "water.txt", WATER)], HashEncoder(), config)
    remove_documents(["roads"], config)
    read.clear()
    add_documents([shelf], HashEncoder(), config)
    assert (ids(config), read) == (["water", "roads"], ["roads.txt"])


def test_file_that_was_left_out_can_be_removed(shelf: Path, config: RagConfig):
    put(shelf, "bad.txt", "")
    add_documents([shelf], HashEncoder(), config)
    remove_documents(["bad"], config)
    assert [entry.document_id for entry in list_documents(config)] == ["roads"]


def test_unknown_document_is_named_and_nothing_is_removed(shelf: Path, config: RagConfig):
    add_documents([put(shelf, "water.txt", WATER)], HashEncoder(), config)
    with pytest.raises(DocumentError, match=r"no report 'hills' in the index; known: roads, water"):
        remove_documents(["roads", "hills"], config)
    assert ids(config) == ["roads", "water"]


def test_last_document_is_not_removed(config: RagConfig):
    with pytest.raises(DocumentError, match=r"holds at least one report; add another first"):
        remove_documents(["roads"], config)
    assert ids(config) == ["roads"]


def test_remove_and_list_without_an_index_say_how_to_build_one(tmp_path: Path):
    config = RagConfig(index=tmp_path / "none")
    with pytest.raises(IndexNotFoundError, match="run: rag index PATH"):
        remove_documents(["roads"], config)
    with pytest.raises(IndexNotFoundError, match="run: rag index PATH"):
        list_documents(config)
    assert not config.index.exists()


def test_full_disk_keeps_the_old_index(
    shelf: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    add_documents([put(shelf, "water.txt", WATER)], HashEncoder(), config)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rag.segments, "write_lines", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        remove_documents(["roads"], config)
    with pytest.raises(ConfigError, match="No space left on device"):
        add_documents([put(shelf, "hills.txt", ROADS)], HashEncoder(), config)
    assert ids(config) == ["roads", "water"]


def test_second_writer_is_refused(shelf: Path, config: RagConfig):
    with writing(config.index):
        with pytest.raises(IndexLockedError):
            add_documents([shelf], HashEncoder(), config)
        with pytest.raises(IndexLockedError):
            remove_documents(["roads"], config)


def test_what_two_writers_add_is_never_lost(tmp_path: Path, config: RagConfig):
    added = ["roads"]

    def add(name: str) -> None:
        try:
            add_documents([put(tmp_path, f"{name}.txt", WATER + name)], HashEncoder(), config)
            added.append(name)
        except IndexLockedError:
            pass

    threads = [threading.Thread(target=add, args=(f"water{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(added) > 1
    assert sorted(ids(config)) == sorted(added)


def test_list_tells_what_is_known_of_each_document(shelf: Path, config: RagConfig):
    (entry,) = list_documents(config)
    assert entry == Entry(
        document_id="roads",
        title="溪口县道路报告",
        place="溪口县",
        years=(2019,),
        n_pages=None,
        n_chunks=1,
        source=str(shelf / "roads.txt"),
        status=Status.CURRENT,
    )


def test_list_tells_how_the_files_have_changed(shelf: Path, config: RagConfig):
    path = put(shelf, "roads.txt", ROADS + "又修桥。")
    assert [entry.status for entry in list_documents(config)] == [Status.CHANGED]
    (entry,) = list_documents(replace(config, max_document_bytes=10))
    assert (entry.status, "max_document_bytes" in entry.problem) == (Status.CHANGED, True)
    path.unlink()
    assert [entry.status for entry in list_documents(config)] == [Status.MISSING]


def test_files_are_read_for_the_list_only_when_they_were_touched(
    shelf: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    read: list[str] = []

    def counting(path: Path, max_bytes: int) -> Content:
        read.append(path.name)
        return read_content(path, max_bytes)

    monkeypatch.setattr(rag.files, "read_content", counting)
    for _ in range(2):
        assert list_documents(config)[0].status is Status.CURRENT
    assert read == ["roads.txt"]
    put(shelf, "roads.meta.json", '{"title": "道路"}')
    assert list_documents(config)[0].status is Status.CHANGED
    assert read == ["roads.txt"] * 2


def test_document_that_did_not_come_from_a_file_is_listed_and_can_be_replaced(
    tmp_path: Path, shelf: Path
):
    config = RagConfig(index=tmp_path / "index")
    build_index([Document("roads", "0", WATER, "题")], HashEncoder(), config)
    (entry,) = list_documents(config)
    assert (entry.source, entry.status) == (None, Status.MISSING)
    assert add_documents([shelf], HashEncoder(), config).documents["roads"].text == ROADS
