"""Whatever happens to a file of the index, no answer is made of it.

`make test` damages each file in some ways, `make soak` flips 100 bits of each; `-s` prints counts.
"""

import logging
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.errors import IndexCorruptError
from rag.index import load_index, load_intact
from rag.pipeline import RagPipeline
from rag.repair import repair_index
from rag.retrieval import HybridRetriever
from rag.shelf import add_documents
from rag.verification import verify_index
from tests.fakes import HashEncoder
from tests.faults.scenarios import HILLS, ROADS, WATER, add, config_of, put, view
from tests.unit.test_pipeline import CopyReader

QUESTION, NEW_ROADS = "溪口县修路多少公里？", ROADS.replace("300", "450")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Two generations, of which the older says 300 km and the newer 450 km.

    Attributes:
        folder: Everything.
        views: What the older and the newer generation give to a reader.
    """

    folder: Path
    views: tuple[str, str]

    @property
    def index(self) -> Path:
        return config_of(self.folder).index

    def files(self) -> list[Path]:
        """The pointer and every file of the generation in use."""
        return [self.index / "CURRENT", *sorted(self._in("gen-000002"))]

    def older(self, path: Path) -> Path:
        """The same file of the generation before."""
        return Path(str(path).replace("gen-000002", "gen-000001"))

    def _in(self, name: str) -> Iterator[Path]:
        return (path for path in (self.index / name).rglob("*") if path.is_file())


@pytest.fixture
def shelf(quick_folder: Path) -> Shelf:
    add(quick_folder, "roads.txt", ROADS)
    older = view(load_index(config_of(quick_folder)))
    for name, text in (("roads.txt", NEW_ROADS), ("water.txt", WATER)):
        put(quick_folder, name, text)
    reports = [quick_folder / "reports"]
    newer = view(add_documents(reports, HashEncoder(), config_of(quick_folder)).open())
    return Shelf(quick_folder, (older, newer))


def flips(data: bytes, n: int, seed: str) -> Iterator[tuple[str, bytes]]:
    """`data` with one bit flipped, at `n` random places."""
    chance = random.Random(seed)
    for _ in range(n if data else 0):
        place, bit = chance.randrange(len(data)), chance.randrange(8)
        changed = bytearray(data)
        changed[place] ^= 1 << bit
        yield f"bit {bit} of byte {place} flipped", bytes(changed)


def damages(shelf: Shelf, path: Path, n_flips: int) -> Iterator[tuple[str, bytes | None]]:
    """Ways in which a file may be damaged, each named; None for a file that is gone."""
    data = path.read_bytes()
    yield from [("gone", None), ("emptied", b""), ("halved", data[: len(data) // 2])]
    yield from [("one byte short", data[:-1]), ("junk appended", data + b"\0junk")]
    yield from flips(data, n_flips, path.name)
    older = shelf.older(path)
    if older.is_file() and older.read_bytes() != data:
        yield "swapped with the older generation's", older.read_bytes()


def put_damaged(path: Path, data: bytes | None) -> None:
    path.unlink(missing_ok=True)
    if data is not None:
        path.write_bytes(data)


def outcome(shelf: Shelf, path: Path, caplog: pytest.LogCaptureFixture) -> str:
    """What a person meets who opens the shelf: `whole`, `fell back` or `refused`; or the fault."""
    caplog.clear()
    try:
        seen = view(load_intact(config_of(shelf.folder), HashEncoder()))
    except IndexCorruptError as exc:
        return "refused" if path.name in str(exc) and "run: rag " in str(exc) else f"vague: {exc}"
    if seen not in shelf.views:
        return f"wrong: {seen}"
    told = " ".join(r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING)
    if seen == shelf.views[1] and not told:
        return "whole"
    # A damaged pointer may name a file that never was; `rag verify` names the pointer itself.
    is_named = path.name == "CURRENT" or path.name in told
    is_told = "run: rag repair" in told and is_named
    return "fell back" if is_told else f"not told: {told}"


def survey(
    shelf: Shelf, n_flips: int, caplog: pytest.LogCaptureFixture
) -> tuple[Counter[str], list[str]]:
    """Damage every file in every way; how often which outcome was seen, and what is wrong."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for path in shelf.files():
        data = path.read_bytes()
        for how, damaged in list(damages(shelf, path, n_flips)):
            put_damaged(path, damaged)
            found = outcome(shelf, path, caplog)
            counts[found if found in ("whole", "fell back", "refused") else "wrong"] += 1
            # The spare sum and space around the pointer are not looked at while all else is well.
            is_harmless = path.suffix == ".sha256" or path.name == "CURRENT"
            if found != "fell back" and not (found == "whole" and is_harmless):
                wrong.append(f"{path.name} {how}: {found}")
            named = verify_index(shelf.index).damaged
            if found != "whole" and path not in named:
                wrong.append(f"{path.name} {how}: verify names {named}")
        put_damaged(path, data)
    if "-s" in sys.argv:
        sys.stdout.write(f"\ndamage: {len(shelf.files())} files, {dict(counts)}\n")
    return counts, wrong


def test_damage_of_any_file_falls_back_loudly_and_is_named(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
):
    counts, wrong = survey(shelf, 4, caplog)
    assert wrong == []
    assert counts["fell back"] > counts["whole"]


@pytest.mark.soak
def test_a_hundred_flipped_bits_of_any_file_fall_back_loudly(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
):
    counts, wrong = survey(shelf, 100, caplog)
    assert wrong == []
    assert counts.total() > 1000


def test_damage_without_a_whole_generation_is_refused_and_names_the_file(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
):
    shutil.rmtree(shelf.index / "gen-000001")
    for path in shelf.files()[1:]:
        data = path.read_bytes()
        put_damaged(path, data[:-1])
        expected = "whole" if path.suffix == ".sha256" else "refused"
        assert outcome(shelf, path, caplog) == expected, path.name
        put_damaged(path, data)


def answered(shelf: Shelf) -> tuple[str, str]:
    """The answer from the shelf as it is opened for questions, and what it cites."""
    config = config_of(shelf.folder)
    index, reader = load_intact(config, HashEncoder()), CopyReader("公里")
    answer = RagPipeline(index, HybridRetriever(index, HashEncoder(), config), reader, config).ask(
        QUESTION
    )
    (cited,) = answer.citations
    assert index.documents[cited.document_id].text[cited.span.start : cited.span.end] == cited.text
    return answer.short, cited.text


def test_an_answer_after_the_fall_back_cites_what_that_generation_says(shelf: Shelf):
    assert "450" in answered(shelf)[1]
    (shelf.index / "gen-000002" / "chunks.jsonl").write_bytes(b"")
    assert "300" in answered(shelf)[1]


def test_nothing_is_built_upon_a_damaged_index(shelf: Shelf):
    (shelf.index / "gen-000002" / "chunks.jsonl").write_bytes(b"")
    with pytest.raises(IndexCorruptError, match=r"chunks\.jsonl .*run: rag repair"):
        add(shelf.folder, "hills.txt", HILLS)


@pytest.mark.parametrize("n_bytes", [0, 10])
def test_repair_loses_nothing_where_the_texts_or_the_reports_are_left(
    shelf: Shelf, n_bytes: int, caplog: pytest.LogCaptureFixture
):
    for path in (path for path in shelf.files() if path.name != "manifest.json"):
        whole = path.read_bytes()
        put_damaged(path, whole[:n_bytes])
        with caplog.at_level(logging.ERROR):
            assert repair_index(config_of(shelf.folder), HashEncoder).lost == (), path.name
        assert verify_index(shelf.index).damaged == ()
        assert view(load_index(config_of(shelf.folder))) == shelf.views[1]
        if not path.exists():
            break  # A new generation was made: the others are of the old one.


def test_repair_takes_texts_from_the_generation_before_and_names_what_is_lost(shelf: Shelf):
    add(shelf.folder, "hills.txt", HILLS)
    (shelf.index / "gen-000003" / "documents.jsonl").write_bytes(b"")
    shutil.rmtree(shelf.folder / "reports")
    done = repair_index(config_of(shelf.folder), HashEncoder)
    assert done.lost == ("hills",)
    assert set(load_index(config_of(shelf.folder)).documents) == {"roads", "water"}
    assert (shelf.index / "damaged-gen-000003" / "chunks.jsonl").is_file()
    assert verify_index(shelf.index).damaged == ()


def test_repair_without_a_manifest_uses_the_generation_before_and_tells(shelf: Shelf):
    (shelf.index / "gen-000002" / "manifest.json").write_bytes(b"{}")
    done = repair_index(config_of(shelf.folder), HashEncoder)
    assert "changed after gen-000001" in done.lost[0]
    assert view(load_index(config_of(shelf.folder))) == shelf.views[0]
    assert verify_index(shelf.index).damaged == ()


def test_repair_removes_a_damaged_spare_generation(shelf: Shelf):
    (shelf.index / "gen-000001" / "chunks.jsonl").write_bytes(b"")
    assert repair_index(config_of(shelf.folder), HashEncoder).lost == ()
    assert not (shelf.index / "gen-000001").exists()
    assert view(load_index(config_of(shelf.folder))) == shelf.views[1]


def test_repair_of_nothing_whole_is_refused_and_changes_nothing(shelf: Shelf):
    for name in ("gen-000001", "gen-000002"):
        (shelf.index / name / "manifest.json").write_bytes(b"{}")
    with pytest.raises(IndexCorruptError, match="nothing can be repaired; run: rag index"):
        repair_index(config_of(shelf.folder), HashEncoder)
    assert (shelf.index / "gen-000002" / "documents.jsonl").is_file()


def test_repair_of_a_whole_index_changes_nothing(shelf: Shelf):
    before = {path: path.read_bytes() for path in shelf.files()}
    assert repair_index(config_of(shelf.folder), HashEncoder).told == ("nothing is damaged",)
    assert {path: path.read_bytes() for path in shelf.files()} == before
