"""Segments: what is added to a large shelf costs its own size."""

import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

import rag.segments
import rag.updates
from rag.backup import back_up
from rag.config import RagConfig
from rag.errors import DocumentError, IndexCorruptError
from rag.index import Index, build_index, generation_in_use, load_index
from rag.manifest import check_files
from rag.records import ChunkLines, write_lines
from rag.repair import repair_index
from rag.restoring import restore
from rag.shelf import add_documents, list_documents, remove_documents
from rag.types import Chunk, Document, Span
from rag.verification import verify_index
from tests.fakes import HashEncoder

REPORTS = {
    "roads": "青石镇公路报告\n2019年，青石镇硬化公路12公里。修建桥梁3座。",
    "water": "白水镇饮水报告\n2020年，白水镇通水5村。新打水井8口。",
    "woods": "黑林镇造林报告\n2018年，黑林镇造林700亩。退耕还林40亩。",
    "hills": "红岭镇茶叶报告\n2017年，红岭镇种茶900亩。建成茶厂2个。",
}
QUERIES = ("公路多少公里", "通水几个村", "造林多少亩", "茶厂几个")


@pytest.fixture(autouse=True)
def every_segment_is_large(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rag.updates, "SMALL_SEGMENT", 0)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name, text in REPORTS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.txt" for name in REPORTS}


@pytest.fixture
def config(tmp_path: Path, files: dict[str, Path]) -> RagConfig:
    """A shelf of two segments: three reports, then one."""
    config = RagConfig(index=tmp_path / "index", chunk_chars=50)
    add_documents([files[name] for name in ("roads", "water", "woods")], HashEncoder(), config)
    add_documents([files["hills"]], HashEncoder(), config)
    return config


def put(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def segments(config: RagConfig) -> list[list[str]]:
    return [[*segment.hashes] for segment in generation_in_use(config).segments]


def folder_of(config: RagConfig, back: int = 0) -> Path:
    return sorted(config.index.glob("gen-*"))[-1 - back]


def found(index: Index) -> list[object]:
    """What searches give, of each kind."""
    vectors = HashEncoder().encode_queries(list(QUERIES))
    return [
        index.store.search(vectors, 5),
        index.windows.search(vectors, 9),
        index.windows.search(vectors, 9, allowed={f"{key}#0" for key in index.chunks}),
        [index.lexical.search(query, 5) for query in QUERIES],
    ]


def test_what_is_added_becomes_a_segment_and_the_others_are_linked(config):
    assert segments(config) == [["roads", "water", "woods"], ["hills"]]
    before, now = folder_of(config, 1), folder_of(config)
    old = [path for path in before.rglob("*") if path.is_file() and "manifest" not in path.name]
    assert old
    assert all(path.samefile(now / path.relative_to(before)) for path in old)


def test_segments_are_searched_as_if_all_lay_in_one(config, files, tmp_path):
    documents = list(load_index(config).documents.values())
    anew = RagConfig(index=tmp_path / "anew", chunk_chars=50)
    one = build_index(documents, HashEncoder(), anew)
    several = load_index(config)
    assert len(several.segments) == 2
    assert (several.documents, several.chunks) == (one.documents, one.chunks)
    assert found(several) == found(one)
    assert several.store.ids() == one.store.ids()
    assert several.n_windows == one.n_windows


def test_nothing_of_a_kept_segment_is_read(config, files, monkeypatch):
    read: set[Path] = set()

    def counting(folder, names, repair):
        read.update(folder / name for name in names)
        check_files(folder, names, repair)

    files["hills"].write_text(REPORTS["hills"] + "全镇脱贫。", encoding="utf-8")
    monkeypatch.setattr("rag.segments.check_files", counting)
    encoder = HashEncoder()
    before = folder_of(config)
    add_documents([files["hills"]], encoder, config)
    assert {path.parts[len(before.parts)] for path in read} == {"added-1"}
    assert not any("公路" in text for text in encoder.encoded)


def test_an_open_index_lends_what_it_has_read_to_the_next(config, files, tmp_path):
    held = load_index(config)
    (tmp_path / "new.txt").write_text("蓝湖镇渔业报告\n2016年，蓝湖镇养鱼60吨。", encoding="utf-8")
    index = add_documents([tmp_path / "new.txt"], HashEncoder(), config).open(held)
    assert index.segments[0].store is held.segments[0].store
    assert index.segments[0].lexical is held.segments[0].lexical
    assert index.documents.keys() == {*REPORTS, "new"}
    assert index.segments[0].folder == folder_of(config)


def test_a_replaced_report_is_written_again_with_its_segment_only(config, files):
    files["hills"].write_text(REPORTS["hills"] + "全镇脱贫。", encoding="utf-8")
    index = add_documents([files["hills"]], HashEncoder(), config).open()
    assert segments(config) == [["roads", "water", "woods"], ["hills"]]
    assert index.documents["hills"].text.endswith("全镇脱贫。")
    best, *_ = index.lexical.search("全镇脱贫", 5)
    assert index.chunks[best.id].document_id == "hills"


def test_a_removed_report_goes_and_the_other_segment_stays(config):
    index = remove_documents(["hills"], config).open()
    assert segments(config) == [["roads", "water", "woods"]]
    assert index.documents.keys() == {"roads", "water", "woods"}
    assert index.lexical.search("种茶", 5) == []


def test_what_is_left_of_a_segment_is_written_without_encoding(config):
    index = remove_documents(["water"], config).open()
    assert segments(config) == [["roads", "woods", "hills"]]  # It is not larger than the others.
    assert list(index.documents) == ["roads", "woods", "hills"]


def test_segments_double_so_that_there_are_few(config, tmp_path):
    for n in range(20):
        path = tmp_path / f"report-{n}.txt"
        path.write_text(f"报告{n}\n2020年，第{n}镇脱贫{n}户。", encoding="utf-8")
        add_documents([path], HashEncoder(), config)
        sizes = [segment.n_chunks for segment in generation_in_use(config).segments]
        assert all(after < before for before, after in pairwise(sizes))
    assert len(load_index(config).documents) == 24
    assert len(sizes) <= 6


def test_small_segments_become_one(config, files, monkeypatch, tmp_path):
    monkeypatch.setattr(rag.updates, "SMALL_SEGMENT", 1000)
    (tmp_path / "new.txt").write_text("蓝湖镇渔业报告\n2016年，养鱼60吨。", encoding="utf-8")
    add_documents([tmp_path / "new.txt"], HashEncoder(), config)
    assert segments(config) == [["roads", "water", "woods", "hills", "new"]]


def test_a_report_that_did_not_change_changes_nothing(config, files):
    before = folder_of(config)
    add_documents([files["water"], files["hills"]], HashEncoder(), config)
    assert folder_of(config) == before


def test_a_report_without_text_goes_with_those_before_it(config, tmp_path):
    documents = [*load_index(config).documents.values(), Document("empty", "0", " ", "空")]
    index = build_index(documents, HashEncoder(), config)
    assert "empty" in index.documents
    assert load_index(config).documents.keys() == index.documents.keys()


def test_where_no_links_can_be_made_files_are_copied(config, files, monkeypatch, tmp_path):
    def refused(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    (tmp_path / "new.txt").write_text("蓝湖镇渔业报告\n2016年，养鱼60吨。", encoding="utf-8")
    index = add_documents([tmp_path / "new.txt"], HashEncoder(), config).open()
    first = folder_of(config) / "vectors.npy"
    assert first.stat().st_nlink == 1
    assert index.documents.keys() == {*REPORTS, "new"}


def test_a_kept_file_that_is_gone_is_told_and_nothing_changes(config, files, tmp_path):
    before = folder_of(config)
    (before / "vectors.npy").unlink()
    (tmp_path / "new.txt").write_text("蓝湖镇渔业报告\n2016年，养鱼60吨。", encoding="utf-8")
    with pytest.raises(IndexCorruptError, match=r"vectors\.npy is damaged or missing; run"):
        add_documents([tmp_path / "new.txt"], HashEncoder(), config)
    assert folder_of(config) == before


@pytest.mark.parametrize("name", ["chunks.jsonl", "added-1/store/vectors.faiss"])
def test_damage_to_any_segment_is_found_when_it_is_opened(config, name):
    data = bytearray((folder_of(config) / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder_of(config) / name).write_bytes(bytes(data))
    with pytest.raises(IndexCorruptError, match=name.replace(".", r"\.")):
        load_index(config)
    assert folder_of(config) / name in verify_index(config.index).damaged


def test_repair_mends_a_segment_and_encodes_no_other(config):
    (folder_of(config) / "added-1" / "chunks.jsonl").write_bytes(b"")
    encoder = HashEncoder()
    assert repair_index(config, lambda: encoder).lost == ()
    assert load_index(config).documents.keys() == REPORTS.keys()
    assert segments(config) == [["roads", "water", "woods"], ["hills"]]
    assert encoder.encoded
    assert not any("公路" in text for text in encoder.encoded)


def test_repair_takes_reports_of_a_lost_segment_from_their_files(config):
    (folder_of(config) / "added-1" / "documents.jsonl").write_bytes(b"")
    assert repair_index(config, HashEncoder).lost == ()
    assert load_index(config).documents.keys() == REPORTS.keys()


def test_segments_come_back_from_a_backup(config, tmp_path):
    before = found(load_index(config))
    back_up(config, tmp_path / "shelf.zip")
    shutil.rmtree(config.index)
    restore(config, tmp_path / "shelf.zip")
    assert found(load_index(config)) == before
    assert len(list_documents(config)) == 4


def test_all_reports_cannot_be_removed(config):
    with pytest.raises(DocumentError, match="at least one report"):
        remove_documents([*REPORTS], config)


def test_many_chunks_are_left_in_their_file(config, tmp_path, monkeypatch):
    in_memory = load_index(config)
    before = found(in_memory)
    monkeypatch.setattr(rag.segments, "MAX_IN_MEMORY", 0)
    index = load_index(config)
    assert all(isinstance(segment.chunks, ChunkLines) for segment in index.segments)
    assert list(index.chunks.items()) == list(in_memory.chunks.items())
    assert index.chunk_ids == in_memory.chunk_ids
    assert found(index) == before
    for n in range(2):
        add_documents([put(tmp_path, f"{n}.txt", f"第{n}镇养鱼60吨。")], HashEncoder(), config)
    assert index.chunks[next(iter(index.chunks))]  # Also when its generation is gone.
    with pytest.raises(KeyError):
        index.chunks["none"]


@pytest.mark.parametrize("name", ['a"b', "a\\b", "路\u2028径", "a,b"])
def test_ids_of_any_document_are_read_from_the_line(tmp_path, name):
    chunks = [Chunk(f"{n}", name, Span(n, n + 1), '茶"\n', "头", ("节",)) for n in range(3)]
    write_lines(tmp_path / "chunks.jsonl", chunks)
    lines = ChunkLines(tmp_path / "chunks.jsonl")
    assert list(lines.values()) == chunks
    assert lines.ids_by_document == {name: ["0", "1", "2"]}


@pytest.mark.parametrize(
    "damage", ["x", '{"chunk_id": 3}\n', '{"chunk_id": "3", "document_id": ""}']
)
def test_a_line_that_is_no_chunk_is_told(tmp_path, damage):
    write_lines(tmp_path / "chunks.jsonl", [Chunk("0", "a", Span(0, 1), "茶", "")])
    with (tmp_path / "chunks.jsonl").open("a") as file:
        file.write(damage)
    with pytest.raises(ValueError, match="holds at"):
        ChunkLines(tmp_path / "chunks.jsonl")
