"""Names and places of the files that were given to the page."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.errors import ConfigError, DocumentError
from rag.keeping import discard, forgotten, kept
from rag.uploads import (
    Incoming,
    safe_name,
    stage,
    upload_folder,
    uploaded_files,
    waiting_folder,
)


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    return RagConfig(index=tmp_path / "index")


def given(folder: Path, name: str = "roads.txt", text: str = "修路") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def put(files: Sequence[Incoming], config: RagConfig) -> None:
    with kept(files, config):
        pass


def texts(config: RagConfig) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in uploaded_files(config)}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("roads.txt", "roads.txt"),
        ("2019年 总结（终稿）.pdf", "2019年 总结（终稿）.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\win.txt", "win.txt"),
        ("/etc/shadow", "shadow"),
        (".hidden.txt", "hidden.txt"),
        ("~$report.docx", "report.docx"),
        ("a\nb\x00c\u202ed.txt", "a_b_c_d.txt"),
        ('a:b*c?"<>|.txt', "a_b_c_____.txt"),
        ("..", "report"),
        ("", "report"),
        ("a. .txt", "a.txt"),
        ("half\ud800.txt", "half_.txt"),
        ("e\u0301.txt", "\u00e9.txt"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, safe: str):
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    "name", ["长" * 10_000 + ".pdf", "x" * 10_000 + ".pdf", "." * 9 + "a" * 300]
)
def test_a_long_name_is_cut_to_what_a_file_system_takes(name: str):
    assert len(safe_name(name).encode()) <= 255


def test_long_names_that_differ_at_the_end_stay_different():
    one, other = safe_name("长" * 500 + "一.pdf"), safe_name("长" * 500 + "二.pdf")
    assert one != other
    assert one.endswith(".pdf")


def test_a_safe_name_is_kept_by_itself():
    for name in ("长" * 500 + ".pdf", "../a b.txt", "\u202ex.md"):
        assert safe_name(safe_name(name)) == safe_name(name)


def test_a_staged_file_is_taken_over_and_hidden_until_it_is_kept(tmp_path: Path, config: RagConfig):
    file = given(tmp_path)
    incoming = stage(file, config)
    assert not file.exists()
    assert uploaded_files(config) == []
    put([incoming], config)
    assert texts(config) == {"roads.txt": "修路"}


def test_a_kept_file_replaces_one_of_its_name(tmp_path: Path, config: RagConfig):
    for text in ("旧", "新"):
        put([stage(given(tmp_path, text=text), config)], config)
    assert texts(config) == {"roads.txt": "新"}


def test_files_that_cannot_be_put_on_the_shelf_are_not_kept(tmp_path: Path, config: RagConfig):
    put([stage(given(tmp_path, text="旧"), config)], config)
    files = [stage(given(tmp_path, name, "新"), config) for name in ("roads.txt", "water.txt")]
    with pytest.raises(DocumentError), kept(files, config):
        raise DocumentError("no text")
    assert texts(config) == {"roads.txt": "旧"}
    assert all(file.path.parent.exists() for file in files)
    for file in files:
        discard(file)
    assert texts(config) == {"roads.txt": "旧"}


def test_a_file_whose_place_cannot_be_taken_leaves_the_others_as_they_were(
    tmp_path: Path, config: RagConfig
):
    files = [stage(given(tmp_path, name), config) for name in ("roads.txt", "water.txt")]
    discard(files[1])
    with pytest.raises(ConfigError, match="cannot write"):
        put(files, config)
    assert texts(config) == {}


def test_a_file_that_could_not_be_taken_over_takes_no_space(
    tmp_path: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    def half(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.move", half)
    with pytest.raises(ConfigError, match="No space left"):
        stage(given(tmp_path), config)
    assert list(waiting_folder(config).iterdir()) == []


def test_a_discarded_file_leaves_nothing(tmp_path: Path, config: RagConfig):
    incoming = stage(given(tmp_path), config)
    discard(incoming)
    assert not incoming.path.parent.exists()


def test_only_files_that_were_given_are_forgotten(tmp_path: Path, config: RagConfig):
    put([stage(given(tmp_path), config)], config)
    (place,) = uploaded_files(config)
    elsewhere = given(tmp_path)
    with forgotten([place, elsewhere], config):
        assert place.exists()  # The index in use, which has no report of it, decides afterwards.
    assert (place.exists(), elsewhere.exists()) == (False, True)


def test_files_lie_beside_the_index_not_in_it(config: RagConfig):
    assert upload_folder(config).parent == config.index.parent
    assert upload_folder(config) != config.index


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, config: RagConfig):
    upload_folder(config).write_text("in the way", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot write"):
        stage(given(tmp_path), config)
