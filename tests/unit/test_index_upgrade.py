"""An index that the program before this one made: format 5, by its own code (commit d899322)."""

import json
import shutil
from pathlib import Path

import pytest

from rag.cli import main
from rag.config import RagConfig
from rag.errors import IndexMismatchError
from rag.generations import point_at, write_sum
from rag.index import build_index, index_settings, load_index
from rag.manifest import FORMAT_VERSION
from rag.segments import texts_of
from rag.shelf import add_documents
from tests.fakes import HashEncoder

OLD = Path(__file__).parents[1] / "data" / "index_format_5"


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    shutil.copytree(OLD, tmp_path / "index")
    return RagConfig(index=tmp_path / "index")


@pytest.fixture
def older(config: RagConfig) -> RagConfig:
    """An index that says it is of a format which is no longer read."""
    seal = config.index / "gen-000001" / "manifest.json"
    record = json.loads(seal.read_bytes())
    record["settings"]["format_version"] = 4
    seal.write_text(json.dumps(record), encoding="utf-8")
    write_sum(seal)
    point_at(seal)
    return config


def files_of(config: RagConfig) -> dict[Path, bytes]:
    return {p.relative_to(config.index): p.read_bytes() for p in config.index.rglob("*.*")}


def test_the_index_is_of_the_format_right_before_this_one():
    assert FORMAT_VERSION == 6  # Else: let the commit before the change make another.


def test_the_format_before_is_read_as_it_lies(config, document):
    before = files_of(config)
    index = load_index(config, HashEncoder())
    assert index.documents == {"songxi": document}
    assert index.manifest.settings == index_settings(config, HashEncoder())
    assert files_of(config) == before


def test_what_is_added_brings_it_to_this_format_and_encodes_nothing_else(config, tmp_path):
    report = tmp_path / "water.txt"
    report.write_text("全镇通水。", encoding="utf-8")
    encoder = HashEncoder()
    index = add_documents([report], encoder, config).open()
    assert index.documents.keys() == {"songxi", "water"}
    new = {key: c for key, c in index.chunks.items() if c.document_id == "water"}
    assert set(encoder.encoded) == set(texts_of(new))
    seal = config.index / index.generation / "manifest.json"
    assert json.loads(seal.read_bytes())["settings"]["format_version"] == FORMAT_VERSION


def test_older_formats_are_refused_with_the_command_that_mends_it(older):
    told = f"format_version 4, this program wants {FORMAT_VERSION}; run: rag index --rebuild PATH"
    with pytest.raises(IndexMismatchError, match=told):
        load_index(older, HashEncoder())


@pytest.mark.parametrize("command", [["ask", "q"], ["list"], ["search", "q"], ["remove", "songxi"]])
def test_every_command_tells_so_in_one_line(older, command, capsys):
    assert main([*command, "--index", str(older.index)]) == 1
    assert "format_version 4" in capsys.readouterr().err


def test_building_it_anew_replaces_it(older, document):
    index = build_index([document], HashEncoder(), older)
    assert index.generation == "gen-000002"
    assert load_index(older, HashEncoder()).documents == {"songxi": document}
