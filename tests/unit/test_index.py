import contextlib
import itertools
import json
import logging
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rag.generations
import rag.index
import rag.index_files
import rag.segments
from rag.config import RagConfig
from rag.errors import (
    ConfigError,
    DocumentError,
    IndexCorruptError,
    IndexLockedError,
    IndexMismatchError,
    IndexNotFoundError,
)
from rag.generations import is_index, writing
from rag.index import (
    build_index,
    index_settings,
    indexed_text,
    load_index,
    load_intact,
    usable_index,
)
from rag.lexical import TOKENIZERS, Tokenizer
from rag.segments import texts_of, window_owner, windows_of
from rag.types import Document, Section, SourceFile, Span
from rag.windows import split_windows
from tests.fakes import HashEncoder

TEA = "东禾县种茶800亩。" * 12
ROADS = "冬河区修路20公里。\u2028桥两座。" * 12


def document(name, text, **more):
    return Document(name, f"hash of {text}", text, f"{name}报告", **more)


@pytest.fixture
def config(tmp_path):
    return RagConfig(index=tmp_path / "index", chunk_chars=60)


@pytest.fixture
def shelf():
    section = Section("一", 1, Span(0, 4))
    return [
        document("茶", TEA, place="东禾县", years=(2019, 2020), sections=(section,)),
        document("路", ROADS, published="2020", repeated=(Span(20, 40),)),
    ]


def generation(config):
    return config.index / (config.index / "CURRENT").read_text().split()[0]


def test_loaded_index_equals_the_built_one(config, shelf):
    encoder = HashEncoder()
    built = build_index(shelf, encoder, config)
    loaded = load_index(config, encoder)
    assert loaded.documents == {d.document_id: d for d in shelf} == built.documents
    assert loaded.chunks == built.chunks
    assert list(loaded.chunks) == list(built.chunks) == list(loaded.store.ids())
    assert loaded.manifest == built.manifest
    query = encoder.encode_queries(["种茶"])
    assert loaded.store.search(query, 3) == built.store.search(query, 3)
    assert loaded.lexical.search("种茶", 3) == built.lexical.search("种茶", 3)


def test_stored_chunks_are_exact_parts_of_stored_documents(config, shelf):
    build_index(shelf, HashEncoder(), config)
    index = load_index(config, "hash@1")
    for chunk in index.chunks.values():
        assert chunk.span.of(index.documents[chunk.document_id].text) == chunk.text


def test_header_and_text_are_encoded_and_found_by_words(config, shelf):
    encoder = HashEncoder()
    index = build_index(shelf, encoder, config)
    texts = {indexed_text(chunk) for chunk in index.chunks.values()}
    assert texts < set(encoder.encoded)
    assert all("报告\n" in text or " | " in text for text in texts)
    assert {index.chunks[h.id].document_id for h in index.lexical.search("茶报告", 1)} == {"茶"}


def test_every_chunk_has_its_windows(config, shelf):
    index = build_index(shelf, HashEncoder(), config)
    windows = windows_of(index.chunks)
    assert tuple(windows) == index.windows.ids()
    for chunk_id, chunk in index.chunks.items():
        parts = [text for each, text in windows.items() if window_owner(each) == chunk_id]
        assert parts == list(split_windows(chunk.text))


def test_equal_texts_are_encoded_once_and_both_kept(config):
    encoder = HashEncoder()
    twins = [replace(document("甲", TEA), title="同"), replace(document("乙", TEA), title="同")]
    index = build_index(twins, encoder, config)
    assert len(encoder.encoded) == len(set(encoder.encoded)) < len(index.chunks)
    assert {c.document_id for c in index.chunks.values()} == {"甲", "乙"}


def test_update_reencodes_only_changed_chunks(config, shelf):
    before = build_index(shelf, HashEncoder(), config)
    changed = document(
        "路", ROADS + "又修了一座新的大桥。", published="2020", repeated=(Span(20, 40),)
    )
    encoder = HashEncoder()
    after = build_index([shelf[0], changed], encoder, config)
    new = set(texts_of(after.chunks)) - set(texts_of(before.chunks))
    assert set(encoder.encoded) == new
    assert 0 < len(new) < len(texts_of(after.chunks)) / 2


def test_added_file_alone_is_encoded(config, shelf):
    build_index(shelf[:1], HashEncoder(), config)
    encoder = HashEncoder()
    index = build_index(shelf, encoder, config)
    assert encoder.encoded
    assert all("修路" in text or "桥" in text for text in encoder.encoded)
    assert set(index.documents) == {"茶", "路"}


def test_removed_file_is_gone_and_nothing_is_encoded(config, shelf):
    build_index(shelf, HashEncoder(), config)
    encoder = HashEncoder()
    build_index(shelf[1:], encoder, config)
    index = load_index(config, encoder)
    assert encoder.encoded == []
    assert {c.document_id for c in index.chunks.values()} == {"路"} == set(index.documents)


def test_moved_text_is_not_encoded_again(config):
    text = "\n\n".join(f"第{i}段说的是第{i}件事情,一共有{i * 7}户人家。" * 3 for i in range(9))
    build_index([document("甲", text)], HashEncoder(), config)
    encoder = HashEncoder()
    index = build_index([document("甲", "新的开头" * 14 + "。\n\n" + text)], encoder, config)
    assert len(encoder.encoded) < len(index.chunks) / 2


def test_updated_index_equals_one_built_anew(config, shelf, tmp_path):
    build_index(shelf[:1], HashEncoder(), config)
    build_index(shelf, HashEncoder(), config)
    anew = replace(config, index=tmp_path / "anew")
    build_index(shelf, HashEncoder(), anew)
    for name in load_index(anew, "hash@1").manifest.files:
        assert (generation(config) / name).read_bytes() == (generation(anew) / name).read_bytes()


def test_unchanged_shelf_writes_nothing(config, shelf):
    build_index(shelf, HashEncoder(), config)
    before = generation(config)
    encoder = HashEncoder()
    index = build_index(shelf, encoder, config)
    assert (generation(config), encoder.encoded) == (before, [])
    assert set(index.documents) == {"茶", "路"}


def test_rebuild_encodes_all(config, shelf):
    build_index(shelf, HashEncoder(), config)
    encoder = HashEncoder()
    build_index(shelf, encoder, config, rebuild=True)
    assert len(encoder.encoded) == len(set(encoder.encoded)) > 0


def test_another_model_encodes_all(config, shelf):
    build_index(shelf, HashEncoder(), config)
    encoder = HashEncoder(model_id="hash@2")
    index = build_index(shelf, encoder, config)
    assert encoder.encoded == texts_of(index.chunks)
    assert load_index(config, encoder).manifest.settings.model_id == "hash@2"


@pytest.mark.parametrize(
    ("encoder", "more", "message"),
    [
        (HashEncoder(model_id="hash@2"), {}, "model_id 'hash@1', this program wants 'hash@2'"),
        ("hash@2", {}, "model_id 'hash@1', this program wants 'hash@2'"),
        (HashEncoder(dim=32), {}, "dim 64, this program wants 32"),
        (
            HashEncoder(),
            {"chunk_chars": 90},
            "chunker '.*60 char.*', this program wants '.*90 char",
        ),
    ],
)
def test_index_made_otherwise_is_refused(config, shelf, encoder, more, message):
    build_index(shelf, HashEncoder(), config)
    with pytest.raises(IndexMismatchError, match=f"{message}.*run: rag index --rebuild PATH"):
        load_index(replace(config, **more), encoder)
    assert usable_index(replace(config, **more), encoder) is None


@pytest.mark.parametrize(("setting", "value"), [("tokenizer", "words/9"), ("format_version", 99)])
def test_index_of_other_tokenizer_or_format_is_refused(config, shelf, monkeypatch, setting, value):
    def other(*arguments):
        return replace(index_settings(*arguments), **{setting: value})

    with monkeypatch.context() as patch:
        patch.setattr(rag.index, "index_settings", other)
        patch.setitem(TOKENIZERS, "words/9", Tokenizer("words/9", str.split))
        build_index(shelf, HashEncoder(), config)
    with pytest.raises(IndexMismatchError, match=f"{setting} {value!r}.*run: rag index --rebuild"):
        load_index(config, HashEncoder())
    build_index(shelf, HashEncoder(), config)
    load_index(config, HashEncoder())


def test_missing_index_names_the_command_that_builds_it(config):
    with pytest.raises(IndexNotFoundError, match=r"no index in .*; run: rag index PATH --index"):
        load_index(config, HashEncoder())


def test_no_documents_are_refused(config):
    with pytest.raises(DocumentError, match="no documents to index"):
        build_index([], HashEncoder(), config)
    assert not config.index.exists()


def test_documents_without_text_are_refused(config):
    with pytest.raises(DocumentError, match="no text to index"):
        build_index([document("空", " \n")], HashEncoder(), config)


def test_documents_of_the_same_name_are_refused(config):
    with pytest.raises(DocumentError, match="same name"):
        build_index([document("甲", TEA), document("甲", ROADS)], HashEncoder(), config)


def damages(data):
    middle = len(data) // 2
    return {
        "empty": b"",
        "half": data[:middle],
        "one byte less": data[:-1],
        "one byte more": data + b"\n",
        "bit flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
    }


def test_every_damage_of_every_file_is_found_and_named(config, shelf):
    build_index(shelf, HashEncoder(), config)
    paths = [p for p in generation(config).rglob("*") if p.is_file() and p.suffix != ".sha256"]
    assert len(paths) > 8
    for path in paths:
        data = path.read_bytes()
        for damaged in damages(data).values():
            path.write_bytes(damaged)
            with pytest.raises(IndexCorruptError, match=f"{path.name}.*run: rag repair"):
                load_index(config, HashEncoder())
        path.unlink()
        with pytest.raises(IndexCorruptError, match=path.name):
            load_index(config, HashEncoder())
        path.write_bytes(data)
    load_index(config, HashEncoder())


def test_damaged_pointer_is_told_and_the_newest_generation_answers(config, shelf, caplog):
    build_index(shelf, HashEncoder(), config)
    documents = load_index(config).documents
    pointer = config.index / "CURRENT"
    good = pointer.read_bytes()
    for bad in (
        *damages(good).values(),
        b"../../etc passwd.json 0",
        b"\xff\xfe",
        b"gen-000009 a b",
    ):
        pointer.write_bytes(bad)
        caplog.clear()
        assert load_intact(config, HashEncoder()).documents == documents
        assert bad.split() == good.split() or "run: rag repair" in caplog.text


def test_lost_pointer_is_told_and_the_newest_generation_is_built_upon(config, shelf, caplog):
    build_index(shelf, HashEncoder(), config)
    (config.index / "CURRENT").unlink()
    assert is_index(config.index)
    assert set(load_index(config).documents) == {"茶", "路"}
    assert "CURRENT is missing; gen-000001" in caplog.text


def test_files_of_two_generations_do_not_mix(config, shelf):
    build_index(shelf[:1], HashEncoder(), config)
    first = generation(config)
    build_index(shelf, HashEncoder(), config)
    shutil.copy(first / "chunks.jsonl", generation(config) / "chunks.jsonl")
    with pytest.raises(IndexCorruptError, match=r"chunks\.jsonl"):
        load_index(config, HashEncoder())


def test_build_over_a_damaged_index_starts_anew_with_a_warning(config, shelf, caplog):
    build_index(shelf, HashEncoder(), config)
    (generation(config) / "vectors.npy").write_bytes(b"")
    encoder = HashEncoder()
    with caplog.at_level(logging.WARNING):
        build_index(shelf, encoder, config)
    assert "vectors.npy" in caplog.text
    assert encoder.encoded
    load_index(config, encoder)


def test_no_pickle_is_written(config, shelf):
    build_index(shelf, HashEncoder(), config)
    for path in (p for p in config.index.rglob("*") if p.is_file()):
        assert path.suffix in {".json", ".jsonl", ".npy", ".faiss", ".sha256", ""}
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)


class Killed(BaseException):
    """Stands for the process's end: nothing but clean-up code runs after it."""


def interrupt_after(monkeypatch, n_steps):
    """Let the process die at the n-th time that it brings something to the disk or publishes."""
    left = [n_steps]

    def dying(function):
        def step(*arguments, **named):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return function(*arguments, **named)

        return step

    for module, name in [
        (rag.segments, "write_lines"),
        (rag.index_files, "sync"),
        (rag.index_files, "write_manifest"),
        (rag.generations, "sync"),
        (rag.generations, "prune"),
        (Path, "replace"),
    ]:
        monkeypatch.setattr(module, name, dying(getattr(module, name)))
    return left


def test_interruption_at_any_step_leaves_the_old_index_or_the_new_one(
    config, shelf, monkeypatch, tmp_path
):
    old, outcomes = tmp_path / "old", []
    build_index(shelf[:1], HashEncoder(), replace(config, index=old))
    for n_steps in itertools.count():
        shutil.rmtree(config.index, ignore_errors=True)
        shutil.copytree(old, config.index)
        with monkeypatch.context() as patch:
            left = interrupt_after(patch, n_steps)
            with contextlib.suppress(Killed):
                build_index(shelf, HashEncoder(), config)
        outcomes.append(tuple(load_index(config, HashEncoder()).documents))
        if left[0]:
            break
    assert len(outcomes) > 15
    assert outcomes == sorted(outcomes, key=len), "once published, always published"
    assert set(outcomes) == {("茶",), ("茶", "路")}


def test_build_after_an_interruption_is_whole(config, shelf, monkeypatch):
    build_index(shelf[:1], HashEncoder(), config)
    with monkeypatch.context() as patch:
        interrupt_after(patch, 8)
        with pytest.raises(Killed):
            build_index(shelf, HashEncoder(), config)
    assert len(list(config.index.glob("gen-*"))) == 2
    build_index(shelf, HashEncoder(), config)
    assert len(load_index(config, HashEncoder()).documents) == 2
    assert len(list(config.index.glob("gen-*"))) == 2


def test_interrupted_first_build_leaves_no_index(config, shelf, monkeypatch):
    with monkeypatch.context() as patch:
        interrupt_after(patch, 3)
        with pytest.raises(Killed):
            build_index(shelf, HashEncoder(), config)
    with pytest.raises(IndexNotFoundError):
        load_index(config, HashEncoder())


def test_previous_generation_is_kept_and_older_ones_go(config, shelf):
    names = []
    for n in (1, 2, 1, 2):
        build_index(shelf[:n], HashEncoder(), config)
        names.append(generation(config).name)
    assert sorted(p.name for p in config.index.glob("gen-*")) == names[-2:]


def test_second_writer_is_refused_at_once(config, shelf):
    with writing(config.index), pytest.raises(IndexLockedError, match="another process is writing"):
        build_index(shelf, HashEncoder(), config)
    build_index(shelf, HashEncoder(), config)


def test_of_two_threads_one_writes_and_the_index_is_whole(config, shelf):
    results = []

    def build(part):
        try:
            results.append(len(build_index(part, HashEncoder(), config).documents))
        except IndexLockedError:
            results.append(0)

    threads = [threading.Thread(target=build, args=(shelf[:n],)) for n in (1, 2, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(results)
    assert len(load_index(config, HashEncoder()).documents) in results


def test_failed_encoding_frees_the_lock(config, shelf):
    class Broken(HashEncoder):
        def encode_passages(self, texts, *, show_progress=False):
            raise RuntimeError("no memory")

    with pytest.raises(RuntimeError, match="no memory"):
        build_index(shelf, Broken(), config)
    build_index(shelf, HashEncoder(), config)


def test_folder_that_cannot_be_made_is_one_clear_line(config, shelf):
    config.index.parent.joinpath("file").write_text("")
    blocked = replace(config, index=config.index.parent / "file" / "index")
    with pytest.raises(
        ConfigError, match=r"cannot write the index folder .*Not a directory.*--index"
    ):
        build_index(shelf, HashEncoder(), blocked)
    with pytest.raises(IndexNotFoundError):
        load_index(blocked, HashEncoder())


def test_full_disk_is_one_clear_line_and_keeps_the_old_index(config, shelf, monkeypatch):
    build_index(shelf[:1], HashEncoder(), config)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(rag.segments, "write_lines", full)
        with pytest.raises(ConfigError, match="No space left on device"):
            build_index(shelf, HashEncoder(), config)
    assert set(load_index(config, HashEncoder()).documents) == {"茶"}


def test_index_with_other_sources_is_written_anew_without_encoding(config, shelf):
    sources = (SourceFile("/shelf/茶.txt", shelf[0].document_hash),)
    build_index(shelf, HashEncoder(), config)
    encoder = HashEncoder()
    index = build_index(shelf, encoder, config, sources=sources)
    assert encoder.encoded == []
    assert index.manifest.sources == load_index(config, encoder).manifest.sources == sources


def test_index_opens_without_its_model(config, shelf):
    build_index(shelf, HashEncoder(), config)
    assert set(load_index(config).documents) == {"茶", "路"}
    with pytest.raises(IndexMismatchError, match="chunker"):
        load_index(replace(config, chunk_chars=90))


def test_manifest_tells_how_the_index_was_made(config, shelf):
    index = build_index(shelf, HashEncoder(), config)
    manifest = json.loads((generation(config) / "manifest.json").read_text())
    assert manifest["settings"]["model_id"] == "hash@1"
    assert manifest["settings"]["tokenizer"] == "char_bigram/1"
    assert manifest["n_chunks"] == len(index.chunks)
    assert manifest["documents"] == {d.document_id: d.document_hash for d in shelf}
    assert "faiss-cpu" in manifest["libraries"]
