"""`rag verify` and `rag repair` as a person calls them."""

from pathlib import Path

import pytest

import embeddings
from rag.cli import main
from rag.config import RagConfig
from rag.history import Conversations
from rag.shelf import add_documents
from tests.fakes import HashEncoder
from tests.unit.history.conftest import new_turn


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(embeddings, "load_encoder", lambda name, device: HashEncoder())
    config = RagConfig(index=tmp_path / "index")
    for name in ("roads", "water"):
        path = tmp_path / f"{name}.txt"
        path.write_text(f"溪口县{name}报告\n2019年，溪口县修路300公里。", encoding="utf-8")
        add_documents([path], HashEncoder(), config)
    return config.index


def run(
    capsys: pytest.CaptureFixture[str], command: str, index: Path
) -> tuple[int, list[str], str]:
    code = main([command, "--index", str(index)])
    told = capsys.readouterr()
    return code, told.out.splitlines(), told.err


def test_verify_tells_that_both_generations_are_whole(index, capsys):
    code, lines, err = run(capsys, "verify", index)
    assert (code, err) == (0, "")
    assert [line.split(",")[0] for line in lines] == [
        f"whole: {index / 'gen-000002'}",
        f"whole: {index / 'gen-000001'}",
    ]


def test_verify_names_each_damaged_file_and_the_command_that_mends(index, capsys):
    for name in ("chunks.jsonl", "store/vectors.faiss"):
        (index / "gen-000002" / name).write_bytes(b"x")
    code, lines, _ = run(capsys, "verify", index)
    assert code == 1
    assert lines[:2] == [
        f"damaged or missing: {index / 'gen-000002' / name}"
        for name in ("chunks.jsonl", "store/vectors.faiss")
    ]
    assert lines[-1] == f"run: rag repair --index {index}"


def test_what_a_crash_left_of_a_generation_that_never_was_is_no_damage(index, capsys):
    (index / "gen-000003").mkdir()
    (index / "gen-000003" / "manifest.json").write_bytes(b'{"settings":')
    code, lines, _ = run(capsys, "verify", index)
    assert code == 0
    assert lines[-1].startswith(f"whole: {index / 'gen-000001'}")


def test_repair_mends_what_verify_names(index, capsys):
    (index / "gen-000002" / "chunks.jsonl").unlink()
    code, lines, _ = run(capsys, "repair", index)
    assert code == 0
    assert lines[-1] == "gen-000003 is made of 2 reports"
    assert run(capsys, "verify", index)[0] == 0


def test_repair_that_loses_something_says_what_and_fails(index, capsys):
    (index / "gen-000002" / "manifest.json").unlink()
    code, lines, _ = run(capsys, "repair", index)
    assert code == 1
    assert lines[-1].startswith("lost: what was changed after gen-000001; add it again")


@pytest.mark.parametrize("name", ["conversations.sqlite3", "conversations-anna.sqlite3"])
def test_verify_tells_of_a_damaged_file_of_conversations(index, capsys, answer, name):
    path = index.parent / name
    for number in range(30):
        Conversations(path).add(new_turn(answer, str(number)))
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    code, lines, _ = run(capsys, "verify", index)
    assert code == 1
    assert f"{name} is damaged" in lines[-1]


@pytest.mark.parametrize("command", ["verify", "repair"])
def test_without_an_index_the_command_that_makes_one_is_told(tmp_path, capsys, command):
    code, lines, err = run(capsys, command, tmp_path / "none")
    assert (code, lines) == (1, [])
    assert "run: rag index PATH" in err
    assert not (tmp_path / "none").exists()


def test_an_index_of_another_format_is_not_called_damaged(index, capsys, monkeypatch):
    monkeypatch.setattr("rag.manifest.FORMAT_VERSION", 99)
    code, lines, err = run(capsys, "verify", index)
    assert (code, lines) == (1, [])
    assert "another format; run: rag index --rebuild" in err
