"""A shelf taken away in one file and put back, here and elsewhere; and files that are no backup."""

import dataclasses
import json
import os
import shutil
import signal
import tempfile
import zipfile
from pathlib import Path

import pytest

from rag.backup import MANIFEST_NAME, back_up
from rag.cli import main
from rag.config import RagConfig
from rag.errors import (
    BackupError,
    HistoryError,
    IndexCorruptError,
    IndexLockedError,
    IndexNotFoundError,
)
from rag.generations import writing
from rag.history import Conversations, NewTurn
from rag.index import load_index
from rag.intake import take_in
from rag.restoring import restore
from rag.shelf import list_documents
from rag.uploads import stage, upload_folder
from tests.fakes import HashEncoder


def give(config: RagConfig, name: str, text: str) -> None:
    """Put a file on the shelf as the page does."""
    waiting = config.index.parent / "given" / name
    waiting.parent.mkdir(parents=True, exist_ok=True)
    waiting.write_text(text, encoding="utf-8")
    assert take_in([stage(waiting, config)], HashEncoder(), config, lambda lines, progress: None)


@pytest.fixture
def config(tmp_path: Path, answer) -> RagConfig:
    config = RagConfig(index=tmp_path / "shelf" / "index")
    give(config, "松溪县总结.txt", "松溪县总结\n全县建成茶园8,200亩。")
    Conversations(config.history_file).add(NewTurn("c", "t", answer, None, {}))
    Conversations(config.history_file).of("anna").add(NewTurn("d", "u", answer, None, {}))
    return config


@pytest.fixture
def file(config: RagConfig, tmp_path: Path) -> Path:
    back_up(config, tmp_path / "shelf.zip")
    return tmp_path / "shelf.zip"


def state(config: RagConfig) -> object:
    kept = Conversations(config.history_file)
    return (
        dict(load_index(config, HashEncoder()).documents),
        [(entry.document_id, entry.status) for entry in list_documents(config)],
        sorted(path.name for path in upload_folder(config).iterdir() if path.is_file()),
        [heading.conversation_id for heading in (*kept.headings(), *kept.of("anna").headings())],
    )


def test_a_shelf_is_the_same_in_another_place(config, file, tmp_path):
    before = state(config)
    elsewhere = RagConfig(index=tmp_path / "new" / "index")
    restore(elsewhere, file)
    shutil.rmtree(config.index.parent)  # So that nothing can be read there.
    assert state(elsewhere) == before


def test_a_restored_shelf_can_be_changed(config, file, tmp_path):
    elsewhere = RagConfig(index=tmp_path / "new" / "index")
    restore(elsewhere, file)
    give(elsewhere, "松溪县总结.txt", "松溪县总结\n全县建成茶园9,000亩。")
    (document,) = load_index(elsewhere).documents.values()
    assert "9,000" in document.text


def test_a_shelf_comes_back_as_it_was(config, file):
    before = state(config)
    give(config, "青石县总结.txt", "青石县总结\n全县有学校12所。")
    Conversations(config.history_file).delete("c")
    restore(config, file, replace_shelf=True)
    assert state(config) == before


def test_nothing_is_replaced_unless_that_is_asked_for(config, file):
    before = state(config)
    with pytest.raises(BackupError, match="is there already; give --force"):
        restore(config, file)
    with pytest.raises(BackupError, match="is there already; give --force"):
        back_up(config, file)
    assert state(config) == before


def test_conversations_alone_are_a_shelf_that_is_not_replaced(config, file, tmp_path, answer):
    elsewhere = RagConfig(index=tmp_path / "new" / "index")
    Conversations(elsewhere.history_file).add(NewTurn("mine", "t", answer, None, {}))
    with pytest.raises(BackupError, match=r"conversations\.sqlite3 is there already"):
        restore(elsewhere, file)


def test_a_user_called_local_has_conversations_of_their_own(config, tmp_path, answer):
    Conversations(config.history_file).of("local").add(NewTurn("theirs", "t", answer, None, {}))
    back_up(config, tmp_path / "shelf.zip")
    elsewhere = RagConfig(index=tmp_path / "new" / "index")
    restore(elsewhere, tmp_path / "shelf.zip")
    kept = Conversations(elsewhere.history_file)
    assert [h.conversation_id for h in kept.of("local").headings()] == ["theirs"]
    assert [h.conversation_id for h in kept.headings()] == ["c"]


def test_restored_conversations_are_for_their_owner_alone(config, file, tmp_path):
    elsewhere = RagConfig(index=tmp_path / "new" / "index", history=tmp_path / "far" / "h.sqlite3")
    restore(elsewhere, file)
    assert elsewhere.history_file.stat().st_mode & 0o077 == 0


def test_conversations_that_cannot_be_replaced_are_told_before_anything_changes(config, file):
    give(config, "青石县总结.txt", "青石县总结\n全县有学校12所。")
    config.history_file.write_bytes(b"no database" * 1000)
    with pytest.raises(HistoryError, match="move the file away"):
        restore(config, file, replace_shelf=True)
    assert len(load_index(config, HashEncoder()).documents) == 2


@pytest.mark.parametrize(
    ("command", "step"),
    [("backup", "rag.backup._write"), ("restore", "rag.restoring._put_in_place")],
)
def test_sigterm_leaves_no_copies_behind(config, file, tmp_path, monkeypatch, command, step):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(step, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SystemExit, match="143"):
        main([command, str(file), "--index", str(config.index), "--force"])
    assert sorted(tmp_path.rglob("*")) == before


def test_what_a_killed_backup_or_restore_has_left_goes_with_the_next(
    config, file, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = [tmp_path / "report-qa-backup-left", config.index.parent / ".restoring-left"]
    for folder in left:
        (folder / "conversations").mkdir(parents=True)
        os.utime(folder, (0, 0))
    back_up(config, tmp_path / "b.zip")
    assert [folder.exists() for folder in left] == [False, True]
    restore(config, file, replace_shelf=True)
    assert not left[1].exists()


def damaged(file: Path, name: str) -> None:
    data = bytearray(file.read_bytes())
    match name:
        case "empty":
            data.clear()
        case "half":
            del data[len(data) // 2 :]
        case "short":
            del data[-1:]
        case "flipped":
            data[len(data) // 3] ^= 1
        case "other":
            data[:] = b"no archive" * 100
    file.write_bytes(data)


@pytest.mark.parametrize("damage", ["empty", "half", "short", "flipped", "other"])
def test_a_damaged_backup_is_refused_before_anything_changes(config, file, damage):
    before = state(config)
    damaged(file, damage)
    with pytest.raises(BackupError, match="is damaged or no backup"):
        restore(config, file, replace_shelf=True)
    assert state(config) == before
    assert not list(config.index.parent.glob(".restoring-*"))


def test_wherever_a_bit_is_flipped_the_backup_is_refused_or_whole(config, file, tmp_path):
    whole, refused = file.read_bytes(), 0
    for position in range(0, len(whole), len(whole) // 60):
        data = bytearray(whole)
        data[position] ^= 4
        file.write_bytes(data)
        elsewhere = RagConfig(index=tmp_path / f"{position}" / "index")
        try:
            restore(elsewhere, file)
        except BackupError:
            refused += 1
        else:
            assert dict(load_index(elsewhere).documents) == dict(load_index(config).documents)
    assert refused > 30


def test_a_backup_that_cannot_be_read_is_told(config, tmp_path):
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(BackupError, match=r"cannot read .*folder\.zip \(Is a directory\)"):
        restore(config, tmp_path / "folder.zip", replace_shelf=True)
    with pytest.raises(BackupError, match="there is no file"):
        restore(config, tmp_path / "none.zip", replace_shelf=True)


def rewritten(file: Path, change) -> None:
    """The archive with other contents and a manifest that fits them, or not, as `change` says."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop(MANIFEST_NAME))
    change(members, manifest)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(MANIFEST_NAME, json.dumps(manifest))


def add(name: str):
    def change(members, manifest):
        members[name] = b""
        manifest["files"][name] = {"sha256": EMPTY, "n_bytes": 0}

    return change


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "documents/../../outside.txt",
        "/tmp/outside.txt",
        "documents/sub/outside.txt",
        "documents/..",
        "documents/.hidden",
        "index/../../outside.json",
        "index/a\\..\\b.json",
        "conversations/../x.sqlite3",
        "documents/a\x00b.txt",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(config, file, tmp_path, name):
    rewritten(file, add(name))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BackupError, match="is damaged or no backup"):
        restore(config, file, replace_shelf=True)
    assert sorted(tmp_path.rglob("*")) == before


def unnamed(members, manifest):
    members["documents/more.txt"] = b"x"


def missing(members, manifest):
    members.pop("documents/松溪县总结.txt")


def bomb(members, manifest):
    members["documents/松溪县总结.txt"] = b"0" * 5_000_000


def other_hash(members, manifest):
    manifest["files"]["documents/松溪县总结.txt"]["sha256"] = EMPTY


def other_fields(members, manifest):
    manifest["more"] = 1


def no_length(members, manifest):
    manifest["files"]["documents/松溪县总结.txt"]["n_bytes"] = float("nan")


def no_list(members, manifest):
    manifest["files"] = [1]


@pytest.mark.parametrize("change", [unnamed, missing, bomb, other_hash, other_fields, no_list])
def test_an_archive_that_is_not_what_it_says_is_refused(config, file, change):
    before = state(config)
    rewritten(file, change)
    with pytest.raises(BackupError, match="is damaged or no backup"):
        restore(config, file, replace_shelf=True)
    assert state(config) == before


def test_a_length_that_bounds_nothing_is_refused_before_anything_is_unpacked(config, file):
    rewritten(file, no_length)
    with pytest.raises(BackupError, match="a length that is no whole number"):
        restore(config, file, replace_shelf=True)


def test_a_backup_of_a_later_format_is_told(config, file):
    rewritten(file, lambda members, manifest: manifest.update(format_version=9, package="7.1"))
    with pytest.raises(BackupError, match=r"has format 9.* the version that made it \(7.1\)"):
        restore(config, file, replace_shelf=True)


def test_a_damaged_index_is_not_backed_up(config, tmp_path):
    (seal,) = config.index.glob("gen-*/chunks.jsonl")
    seal.write_bytes(b"")
    with pytest.raises(IndexCorruptError, match=r"chunks\.jsonl is damaged"):
        back_up(config, tmp_path / "b.zip")
    assert not list(tmp_path.glob("b.zip*"))


def test_without_an_index_nothing_is_made(tmp_path):
    with pytest.raises(IndexNotFoundError):
        back_up(RagConfig(index=tmp_path / "none" / "index"), tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_shelf_that_is_being_changed_is_left_alone(config, file, tmp_path):
    with writing(config.index):
        with pytest.raises(IndexLockedError):
            back_up(config, tmp_path / "b.zip")
        with pytest.raises(IndexLockedError):
            restore(config, file, replace_shelf=True)


def test_a_place_that_cannot_be_written_is_told(config, tmp_path):
    with pytest.raises(BackupError, match="cannot write"):
        back_up(config, tmp_path / "no" / "such" / "b.zip")


def test_an_interrupted_restore_is_ended_by_the_same_command(config, file, monkeypatch):
    before = state(config)
    give(config, "青石县总结.txt", "青石县总结\n全县有学校12所。")
    with monkeypatch.context() as patch:
        patch.setattr("rag.restoring.publish", lambda seal, forget: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(config, file, replace_shelf=True)
    assert len(load_index(config, HashEncoder()).documents) == 2  # The old index, whole.
    restore(config, file, replace_shelf=True)
    assert state(config) == before


def test_passwords_are_not_in_a_backup(config, tmp_path):
    config.users_file.write_text(f"anna scrypt${'0' * 32}${'0' * 64}\n")
    made = back_up(config, tmp_path / "b.zip")
    assert not [name for name in made.files if "users" in name]


def test_the_commands_write_and_restore(config, tmp_path, capsys):
    file, elsewhere = tmp_path / "b.zip", tmp_path / "new" / "index"
    assert main(["backup", str(file), "--index", str(config.index)]) == 0
    assert main(["restore", str(file), "--index", str(elsewhere)]) == 0
    assert main(["restore", str(file), "--index", str(elsewhere)]) == 1
    told = capsys.readouterr()
    assert "1 reports" in told.out
    assert "give --force" in told.err
    assert main(["restore", str(file), "--index", str(elsewhere), "--force"]) == 0
    assert state(dataclasses.replace(config, index=elsewhere)) == state(config)
