"""Thousands of damaged files on the way that a report takes from its bytes to its chunks.

Each becomes a document whose chunks are exact, or an error of ours in one line, in time and in
memory. `make test` reads a sample, `make soak` more than 2,000; `-s` prints the counts.
"""

import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import rag.parsing.process
from rag.chunking import chunk_document
from rag.config import RagConfig
from rag.errors import DocumentError
from rag.loading import load_document
from rag.parsing.limits import MAX_MEMORY_BYTES
from tests import forked_worker
from tests.hostile_files import samples, variant, variants

N_FAST, N_SOAK = 5, 175
CONFIG = RagConfig(max_parse_seconds=10.0)
# The parser's own time, and what this process does before and after, on a machine that is busy.
MAX_SECONDS = 2 * CONFIG.max_parse_seconds + 20


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    forked_worker.preload()
    monkeypatch.setattr(rag.parsing.process, "run_worker", forked_worker.run_forked)


def outcome(path: Path, data: bytes) -> str:
    """What came of reading the file, after everything that must hold was checked."""
    path.write_bytes(data)
    started = time.perf_counter()
    try:
        document = load_document(path, CONFIG)
    except DocumentError as exc:
        found = told(str(exc), path.name)
    else:
        for chunk in chunk_document(document, CONFIG.chunk_chars):
            assert chunk.span.of(document.text) == chunk.text
        assert len(document.title) <= 500
        found = "read"
    finally:
        path.unlink()
    assert time.perf_counter() - started < MAX_SECONDS
    return found


def told(problem: str, name: str) -> str:
    assert "\n" not in problem
    assert name in problem or "front matter" in problem
    return "late" if "is not read after" in problem else "refused"


def read_all(folder: Path, n_each: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, data in variants(n_each):
        counts[outcome(folder / name, data)] += 1
    peak = forked_worker.peak_bytes >> 20
    line = f"{counts.total()} variants: {dict(counts)}, peak memory of a parser {peak} MiB"
    sys.stdout.write(f"\n{line}\n")
    return counts


def test_damaged_files_are_read_or_refused(forked, tmp_path):
    counts = read_all(tmp_path, N_FAST)
    assert counts.total() == N_FAST * len(samples())
    assert min(counts["read"], counts["refused"]) > 10  # Neither all broken nor all untouched.
    assert forked_worker.peak_bytes < MAX_MEMORY_BYTES


@pytest.mark.soak
def test_thousands_of_damaged_files_are_read_or_refused(forked, tmp_path):
    assert read_all(tmp_path, N_SOAK).total() > 2000
    assert forked_worker.peak_bytes < MAX_MEMORY_BYTES


@pytest.mark.integration
@pytest.mark.parametrize("name", sorted(samples()))
def test_the_real_parser_process_does_the_same(tmp_path, name):
    for number in (0, 1):
        outcome(tmp_path / name, variant(name, samples()[name], number))


def test_the_samples_themselves_are_read(forked, tmp_path):
    found = {name: outcome(tmp_path / name, data) for name, data in samples().items()}
    refused = {name for name, what in found.items() if what != "read"}
    assert refused == {"encrypted.pdf", "scanned.pdf"}


def test_variants_depend_on_their_number_alone():
    data = samples()["report.docx"]
    assert variant("a.docx", data, 7) == variant("a.docx", data, 7)
    assert len({variant("a.docx", data, number) for number in range(20)}) > 15
