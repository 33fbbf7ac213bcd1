"""The shelf is changed beside the questions that go on meanwhile."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

import rag.ui.library
from rag.config import RagConfig
from rag.errors import IndexMismatchError
from rag.generations import writing
from rag.index import Index
from rag.intake import Progress, Step
from rag.opening import open_index
from rag.pipeline import RagPipeline
from rag.retrieval import HybridRetriever
from rag.ui.library import Library
from rag.uploads import upload_folder
from tests.fakes import HashEncoder
from tests.unit.test_pipeline import CopyReader

ROADS = "溪口县道路报告\n2019年，溪口县修路300公里，架桥12座。"
WATER = "白水镇饮水报告\n2020年，白水镇通水5村。"
QUESTION = "溪口县修路多少公里？"
PATIENCE_SECONDS = 30


class SlowEncoder(HashEncoder):
    """Encodes passages only while `may_go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go = threading.Event()
        self.has_begun = threading.Event()
        self.may_go.set()

    def encode_passages(self, texts: Sequence[str], *, show_progress: bool = False):
        self.has_begun.set()
        assert self.may_go.wait(PATIENCE_SECONDS)
        return super().encode_passages(texts)


@pytest.fixture
def config(tmp_path: Path) -> RagConfig:
    return RagConfig(index=tmp_path / "index")


@pytest.fixture
def encoder() -> SlowEncoder:
    return SlowEncoder()


@pytest.fixture
def library(tmp_path: Path, config: RagConfig, encoder: SlowEncoder) -> Library:
    index = open_index([give(tmp_path, "roads.txt", ROADS)], encoder, config)
    encoder.has_begun.clear()
    retriever = HybridRetriever(index, encoder, config)
    return Library(RagPipeline(index, retriever, CopyReader("300公里"), config))


def give(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def wait(library: Library) -> None:
    for _ in library.watch():
        pass


def steps(library: Library) -> list[Step]:
    return [line.progress.step for line in library.lines]


def test_a_given_file_is_on_the_shelf_when_all_is_done(library: Library, tmp_path: Path):
    library.add([give(tmp_path, "water.txt", WATER)])
    wait(library)
    assert list(library.pipeline.documents) == ["roads", "water"]
    assert [(line.name, line.progress.step) for line in library.lines] == [("water.txt", Step.DONE)]


def test_questions_are_answered_from_the_old_generation_while_a_file_is_encoded(
    library: Library, tmp_path: Path, encoder: SlowEncoder
):
    encoder.may_go.clear()
    library.add([give(tmp_path, "water.txt", WATER)])
    assert encoder.has_begun.wait(PATIENCE_SECONDS)
    assert steps(library) == [Step.ENCODING]
    assert library.pipeline.ask(QUESTION).short == "300公里"
    assert list(library.pipeline.documents) == ["roads"]
    encoder.may_go.set()
    wait(library)
    assert list(library.pipeline.documents) == ["roads", "water"]


def test_a_file_given_meanwhile_waits_and_then_joins(
    library: Library, tmp_path: Path, encoder: SlowEncoder
):
    encoder.may_go.clear()
    library.add([give(tmp_path, "water.txt", WATER)])
    assert encoder.has_begun.wait(PATIENCE_SECONDS)
    library.add([give(tmp_path, "woods.txt", "青山乡林业报告\n种树900亩。")])
    assert steps(library) == [Step.ENCODING, Step.WAITING]
    encoder.may_go.set()
    wait(library)
    assert set(library.pipeline.documents) == {"roads", "water", "woods"}


def test_a_removed_report_is_gone_from_the_next_question_on(library: Library, tmp_path: Path):
    library.add([give(tmp_path, "water.txt", WATER)])
    wait(library)
    library.remove("roads")
    wait(library)
    assert steps(library) == [Step.REMOVED]
    assert library.pipeline.ask(QUESTION).abstained


def test_what_cannot_be_done_is_told_and_harms_nothing(library: Library):
    library.remove("roads")
    wait(library)
    (line,) = library.lines
    assert line.progress.step is Step.REFUSED
    assert "holds at least one report" in line.progress.reason
    assert list(library.pipeline.documents) == ["roads"]


def test_an_index_that_another_process_writes_is_told_and_nothing_is_left_behind(
    library: Library, tmp_path: Path, config: RagConfig
):
    with writing(config.index):
        library.add([give(tmp_path, "water.txt", WATER)])
        wait(library)
    (line,) = library.lines
    assert "another process is writing" in line.progress.reason
    assert [path for path in upload_folder(config).rglob("*") if path.is_file()] == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_ends_the_line_and_the_next_file_is_taken(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_):
        raise RuntimeError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr(rag.ui.library, "take_in", broken)
        library.add([give(tmp_path, "water.txt", WATER)])
        wait(library)
    assert "server has failed" in library.lines[0].progress.reason
    library.add([give(tmp_path, "water.txt", WATER)])
    wait(library)
    assert steps(library) == [Step.DONE]


def test_a_file_is_done_only_when_questions_are_answered_from_it(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before: list[Step] = []

    def refuse(_: Index) -> None:
        before.extend(steps(library))
        raise IndexMismatchError("another model")

    monkeypatch.setattr(library.pipeline, "take_over", refuse)
    library.add([give(tmp_path, "water.txt", WATER)])
    wait(library)
    assert before == [Step.ENCODING]
    assert library.lines[0].progress == Progress(Step.REFUSED, "another model")


def test_a_watch_of_a_library_at_rest_ends_at_once(library: Library):
    assert list(library.watch()) == [False]
