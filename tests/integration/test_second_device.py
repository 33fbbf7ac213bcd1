"""Question to answer with the bundled models on a device that is not the processor."""

from pathlib import Path

import pytest

from benchmarks.devices import compare, measure, open_on
from embeddings import devices
from embeddings.devices import CPU_BATCHES, CUDA_BATCHES, Compute
from rag.evaluation.questions import load_questions
from rag.reader.copying import CopyReader
from tests.second_device import NAME

pytestmark = pytest.mark.integration

SEEDS = Path(__file__).parents[2] / "seeds"
REPORT = "000_7a9430021b090f58"


@pytest.fixture
def pipelines(tmp_path, monkeypatch):
    """One on the processor, one on the second device, which stands in for CUDA."""
    computes = {
        "cpu": Compute("cpu", "float32", CPU_BATCHES, "cpu"),
        "cuda": Compute(NAME, "float32", CUDA_BATCHES, NAME),
    }
    monkeypatch.setattr(devices, "choose_compute", lambda wanted, *_: computes[wanted])
    report = SEEDS / f"{REPORT}.txt"
    return [open_on("cpu", report, tmp_path), open_on("cuda", report, tmp_path)]


def test_the_whole_path_gives_the_processors_answers(pipelines):
    here, there = pipelines
    assert isinstance(there.reader, CopyReader)
    assert there.reader.model.device.type == NAME
    assert there.encoder._model.device.type == NAME
    found = load_questions(SEEDS / "questions.jsonl")
    questions = [each.question for each in found if each.documents == (REPORT,)][:5]
    told = compare(here, there, questions)
    assert told.n_answered >= 3
    assert (told.other_text, told.other_citations, told.other_passages) == ((), (), ())
    # The benchmark itself runs, too.
    measured = measure(here, there, questions[:1], 1)
    assert measured["least_cosine"] > 0.9999
    assert measured["read_four_at_once"]["n"] == 1
