"""Files that were given to the page come on the shelf, or are refused and harm nothing."""

from collections.abc import Sequence
from pathlib import Path

import pytest

import rag.encoding
import rag.keeping
import rag.segments
from rag.config import RagConfig
from rag.errors import ConfigError, DocumentError, IndexLockedError
from rag.index import Generation, load_index
from rag.intake import Progress, Step, take_in, take_out
from rag.opening import open_index
from rag.shelf import Status, list_documents
from rag.uploads import stage, uploaded_files
from tests.fakes import HashEncoder

ROADS = "溪口县道路报告\n2019年，溪口县修路300公里，架桥12座。"
WATER = "白水镇饮水报告\n2020年，白水镇通水5村。"
WOODS = "青山乡林业报告\n2021年，青山乡种树900亩。"


class Watcher:
    """What was told of each file, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[int, Progress]] = []

    def __call__(self, numbers: Sequence[int], progress: Progress) -> None:
        self.told += [(number, progress) for number in numbers]

    def steps(self, number: int) -> list[Step]:
        steps = [progress.step for which, progress in self.told if which == number]
        return list(dict.fromkeys(steps))

    def reason(self, number: int) -> str:
        return [progress.reason for which, progress in self.told if which == number][-1]


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "roads.txt").write_text(ROADS, encoding="utf-8")
    return folder


@pytest.fixture
def config(tmp_path: Path, shelf: Path) -> RagConfig:
    config = RagConfig(index=tmp_path / "index", max_document_bytes=2000)
    open_index([shelf], HashEncoder(), config)
    return config


def give(
    given: Path, config: RagConfig, encoder: HashEncoder | None = None, **texts: str
) -> tuple[Generation | None, Watcher]:
    """Files `name_suffix="text"`, put on the shelf."""
    files = []
    for name, text in texts.items():
        path = given / name.replace("_", ".")
        path.write_text(text, encoding="utf-8")
        files.append(stage(path, config))
    watcher = Watcher()
    return take_in(files, encoder or HashEncoder(), config, watcher), watcher


def test_given_files_join_the_shelf_in_one_generation(given: Path, config: RagConfig):
    index, watcher = give(given, config, water_txt=WATER, woods_md=WOODS)
    assert index is not None
    assert (
        list(index.documents) == list(load_index(config).documents) == ["roads", "water", "woods"]
    )
    assert watcher.steps(0) == watcher.steps(1) == [Step.READING, Step.ENCODING]
    assert (config.index / "CURRENT").read_text().split()[0] == "gen-000002"


def test_given_files_are_kept_and_current(given: Path, config: RagConfig):
    give(given, config, water_txt=WATER)
    assert [path.name for path in uploaded_files(config)] == ["water.txt"]
    assert {entry.status for entry in list_documents(config)} == {Status.CURRENT}


def test_only_what_is_new_is_read_and_encoded(given: Path, config: RagConfig, read: list[str]):
    give(given, config, water_txt=WATER)
    read.clear()
    encoder = HashEncoder()
    _, watcher = give(given, config, encoder, water_txt=WATER, woods_txt=WOODS)
    assert read == ["woods.txt"]
    assert not any("通水" in text for text in encoder.encoded)
    assert watcher.steps(0) == [Step.READING, Step.UNCHANGED]


def test_a_file_of_the_same_name_replaces_the_report(given: Path, config: RagConfig):
    give(given, config, water_txt=WATER)
    index, _ = give(given, config, water_txt=WATER + "全镇通水。")
    assert index is not None
    assert list(index.documents) == ["roads", "water"]
    assert index.documents["water"].text.endswith("全镇通水。")


def test_a_bad_file_is_told_and_the_rest_goes_on(given: Path, config: RagConfig):
    index, watcher = give(
        given, config, empty_txt="", deck_pptx="x", big_txt="长" * 900, water_txt=WATER
    )
    assert index is not None
    assert list(index.documents) == ["roads", "water"]
    assert [watcher.steps(n)[-1] for n in range(4)] == [*[Step.REFUSED] * 3, Step.ENCODING]
    assert "holds no text" in watcher.reason(0)
    assert "save it as PDF" in watcher.reason(1)
    assert "more than max_document_bytes (2000)" in watcher.reason(2)
    assert [path.name for path in uploaded_files(config)] == ["water.txt"]


def test_a_bad_file_does_not_take_the_place_of_a_good_one(given: Path, config: RagConfig):
    give(given, config, water_txt=WATER)
    index, _ = give(given, config, water_txt="")
    assert index is None
    (kept,) = uploaded_files(config)
    assert kept.read_text(encoding="utf-8") == WATER
    assert load_index(config).documents["water"].text == WATER


def test_only_bad_files_leave_the_index_as_it_is(given: Path, config: RagConfig):
    before = (config.index / "CURRENT").read_bytes()
    assert give(given, config, empty_txt="")[0] is None
    assert (config.index / "CURRENT").read_bytes() == before


def test_a_name_that_another_file_has_is_refused_unread(
    given: Path, shelf: Path, config: RagConfig, read: list[str]
):
    _, watcher = give(given, config, roads_md=WATER)
    assert read == []
    assert f"a report of this name already ({shelf / 'roads.txt'})" in watcher.reason(0)
    assert load_index(config).documents["roads"].text == ROADS


def test_of_two_files_of_one_name_the_first_is_taken(given: Path, config: RagConfig):
    index, watcher = give(given, config, water_txt=WATER, water_md=WOODS)
    assert index is not None
    assert index.documents["water"].text == WATER
    assert watcher.steps(1) == [Step.READING, Step.REFUSED]


def test_the_share_that_is_encoded_rises_to_the_whole(
    given: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rag.encoding, "_TEXTS_AT_ONCE", 1)
    _, watcher = give(given, config, water_txt=WATER)
    shares = [p.share for _, p in watcher.told if p.step is Step.ENCODING]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(shares) > 2


def test_vectors_are_the_same_as_by_add(
    given: Path, config: RagConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rag.encoding, "_TEXTS_AT_ONCE", 1)
    index, _ = give(given, config, water_txt=WATER)
    anew = RagConfig(index=tmp_path / "anew", max_document_bytes=2000)
    files = [source.path for source in index.manifest.sources] if index else []
    again = open_index([Path(file) for file in files], HashEncoder(), anew)
    assert index is not None
    assert again.manifest == index.manifest


def test_a_given_report_that_is_removed_is_deleted(given: Path, config: RagConfig):
    give(given, config, water_txt=WATER)
    assert list(take_out(["water"], config).documents) == ["roads"]
    assert uploaded_files(config) == []


def test_a_file_elsewhere_stays_when_its_report_is_removed(
    given: Path, shelf: Path, config: RagConfig
):
    give(given, config, water_txt=WATER)
    take_out(["roads"], config)
    assert (shelf / "roads.txt").exists()


def test_a_given_file_is_deleted_before_another_process_may_give_one_of_its_name(
    given: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    give(given, config, water_txt=WATER)

    def while_settling(notes: Sequence[Path], config: RagConfig) -> None:
        with pytest.raises(IndexLockedError):
            give(given, config, water_txt=WATER)

    monkeypatch.setattr(rag.keeping, "_settle_all", while_settling)
    assert list(take_out(["water"], config).documents) == ["roads"]


def test_the_last_report_and_its_file_stay(given: Path, config: RagConfig):
    give(given, config, water_txt=WATER)
    take_out(["roads"], config)
    with pytest.raises(DocumentError, match="holds at least one report"):
        take_out(["water"], config)
    assert len(uploaded_files(config)) == 1


def test_on_a_full_disk_the_old_index_and_its_files_stay(
    given: Path, config: RagConfig, monkeypatch: pytest.MonkeyPatch
):
    give(given, config, water_txt=WATER)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rag.segments, "write_lines", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        give(given, config, water_txt=WATER + "全镇通水。", woods_txt=WOODS)
    assert {e.document_id: e.status for e in list_documents(config)} == {
        "roads": Status.CURRENT,
        "water": Status.CURRENT,
    }
    assert [path.name for path in uploaded_files(config)] == ["water.txt"]
