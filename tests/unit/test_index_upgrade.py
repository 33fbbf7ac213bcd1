"""An index that the program before this one made: format 4, by its own code (commit 6b4dfe8)."""

import shutil
from pathlib import Path

import pytest

from rag.cli import main
from rag.config import RagConfig
from rag.errors import IndexMismatchError
from rag.index import build_index, load_index
from rag.manifest import FORMAT_VERSION
from tests.fakes import HashEncoder

OLD = Path(__file__).parents[1] / "data" / "index_format_4"


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    shutil.copytree(OLD, tmp_path / "index")
    return RagConfig(index=tmp_path / "index")


def test_the_index_is_of_the_format_right_before_this_one():
    assert FORMAT_VERSION == 5  # Else: let the commit before the change make another.


def test_an_index_of_the_format_before_is_refused_with_the_command_that_mends_it(config):
    told = f"format_version 4, this program wants {FORMAT_VERSION}; run: rag index --rebuild PATH"
    with pytest.raises(IndexMismatchError, match=told):
        load_index(config, HashEncoder())


@pytest.mark.parametrize("command", [["ask", "q"], ["list"], ["search", "q"], ["remove", "songxi"]])
def test_every_command_tells_so_in_one_line(config, command, capsys):
    assert main([*command, "--index", str(config.index)]) == 1
    assert "format_version 4" in capsys.readouterr().err


def test_building_it_anew_replaces_it(config, document):
    index = build_index([document], HashEncoder(), config)
    assert index.generation == "gen-000002"
    assert load_index(config, HashEncoder()).documents == {"songxi": document}


def test_until_then_it_stays_as_it_was(config):
    with pytest.raises(IndexMismatchError):
        load_index(config, HashEncoder())
    seen = {p.relative_to(config.index): p.read_bytes() for p in config.index.rglob("*.*")}
    assert seen == {p.relative_to(OLD): p.read_bytes() for p in OLD.rglob("*.*")}
