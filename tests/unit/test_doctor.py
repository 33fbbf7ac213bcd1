import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings import devices
from embeddings.devices import Gpu
from rag import doctor
from rag.cli import main
from rag.config import RagConfig
from rag.doctor import Finding, examine
from rag.index import build_index
from rag.reader.loading import BUNDLED_READER
from rag.types import Document
from tests.fakes import HashEncoder


@pytest.fixture
def config(tmp_path: Path, document: Document) -> RagConfig:
    config = RagConfig(index=tmp_path / "index")
    build_index([document], HashEncoder(), config)
    return config


def found(config: RagConfig) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(config)}


def test_a_sound_shelf_has_no_problem_of_its_own(config):
    findings = found(config)
    assert findings["index"].is_ok
    assert "1 reports, 1 chunks" in findings["index"].told
    for name in ("python", "encoder", "reader", "conversations", "users", "processor", "device"):
        assert findings[name].is_ok, findings[name]
    assert "as pinned" in findings["encoder"].told


def test_the_device_is_told(config, monkeypatch):
    monkeypatch.setattr(devices, "find_gpu", lambda: Gpu("H200", (9, 0)))
    told = found(config)["device"].told
    assert told == "auto: models compute on H200, capability 9.0, in bfloat16"


def test_a_device_that_is_missing_is_a_problem(config, monkeypatch):
    monkeypatch.setattr(devices, "find_gpu", lambda: None)
    assert "on the processor" in found(config)["device"].told
    finding = found(replace(config, device="cuda"))["device"]
    assert not finding.is_ok
    assert "torch finds no CUDA device" in finding.told


def test_a_damaged_index_is_named_with_what_to_do(config):
    (file,) = config.index.glob("gen-*/chunks.jsonl")
    file.write_bytes(b"")
    finding = found(config)["index"]
    assert not finding.is_ok
    assert "chunks.jsonl is damaged" in finding.told
    assert f"run: rag repair --index {config.index}" in finding.told


def test_a_changed_weights_file_is_named(config, tmp_path, monkeypatch):
    folder = tmp_path / "reader"
    shutil.copytree(BUNDLED_READER, folder)
    (folder / "config.json").write_text("{}")
    finding = found(RagConfig(index=config.index, reader=str(folder)))["reader"]
    assert not finding.is_ok
    assert "config.json has SHA-256" in finding.told


def test_conversations_that_cannot_be_read_are_named(config):
    config.history_file.write_text("no database" * 1000)
    assert "conversations.sqlite3 is damaged" in found(config)["conversations"].told


def test_users_that_others_can_read_are_a_problem(config):
    config.users_file.write_text(f"anna scrypt${'0' * 32}${'0' * 64}\n")
    config.users_file.chmod(0o644)
    assert "chmod 600" in found(config)["users"].remedy


@pytest.mark.parametrize(
    ("limit", "name"), [("MIN_FREE_BYTES", "disk"), ("MIN_MEMORY_BYTES", "memory")]
)
def test_too_little_room_is_a_problem(config, monkeypatch, limit, name):
    monkeypatch.setattr(doctor, limit, 1 << 60)
    assert not found(config)[name].is_ok


def test_a_package_of_another_version_is_named(config, monkeypatch):
    monkeypatch.setattr("importlib.metadata.requires", lambda name: ["numpy>=99", "no-such-thing"])
    told = found(config)["packages"].told
    assert "numpy>=99 (" in told
    assert "no-such-thing (missing)" in told


def test_the_command_tells_a_line_for_each_and_fails_with_a_problem(config, capsys):
    given = ["doctor", "--index", str(config.index.with_name("none"))]
    assert main(given) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(doctor._CHECKS)
    (line,) = [line for line in lines if "index " in line[:20]]
    assert line.startswith("problem index")
    assert "run: rag index PATH" in line
    main([*given, "--json"])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["name"] for record in records] == list(doctor._CHECKS)
