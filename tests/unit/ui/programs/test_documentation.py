"""What docs/api.md shows is true: its programs run as written, its schema is the one printed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag.schema import answer_schema
from rag.ui.programs import mcp_tools
from rag.ui.programs.embeddings import MAX_TEXT_CHARS, MAX_TEXTS
from rag.ui.programs.guard import MAX_BODY_BYTES, MAX_OPEN_REQUESTS

DOCUMENT = Path(__file__).parents[4].joinpath("docs", "api.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
ADDRESS = "http://127.0.0.1:7860"


def test_there_are_programs_for_every_interface():
    for library in ("openai", "mcp", "gradio_client"):
        assert any(f"from {library} import" in program for program in PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_run_as_written(url, program):
    assert ADDRESS in program
    program = program.replace(ADDRESS, url.rstrip("/"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_the_schema_is_the_one_printed():
    *_, shown = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    assert json.loads(shown) == answer_schema()


@pytest.mark.parametrize(
    "limit",
    [MAX_BODY_BYTES, MAX_OPEN_REQUESTS, MAX_TEXTS, MAX_TEXT_CHARS, mcp_tools.MAX_SHOWN_CHARS],
)
def test_limits_are_the_ones_in_force(limit):
    assert re.search(rf"(?<!\d){limit:,}(?!\d)", DOCUMENT)
