import json
import logging
import sys

import pytest

from rag.logs import JsonFormatter, _TextFormatter, configure_logs, within_request


def record(message: str, **given) -> logging.LogRecord:
    return logging.LogRecord("rag.x", logging.WARNING, "", 0, message, (), None, **given)


def test_a_line_for_machines_is_one_object():
    with within_request("0123"):
        line = json.loads(JsonFormatter().format(record("完成\nERROR forged")))
    assert line["message"] == "完成\nERROR forged"
    assert (line["level"], line["logger"], line["request_id"]) == ("WARNING", "rag.x", "0123")
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\x9bb", "a\u202egnp.exe"])
def test_a_line_for_machines_commands_no_terminal(name):
    line = JsonFormatter().format(record(name))
    assert line.isprintable()
    assert json.loads(line)["message"] == name


def test_a_failure_is_told_with_where_it_was():
    try:
        raise ValueError("broken")
    except ValueError:
        told = record("failed")
        told.exc_info = sys.exc_info()
    line = JsonFormatter().format(told)
    assert "\n" not in line
    assert "ValueError: broken" in json.loads(line)["error"]


@pytest.mark.parametrize("name", ["a\nERROR rag: forged", "a\x1b[2Jb", "a\u202egnp.exe"])
def test_what_is_named_in_a_line_for_people_makes_no_line_of_its_own(name):
    line = _TextFormatter().format(record(name))
    assert line.isprintable()
    assert line.startswith("WARNING rag.x: a\\")


def test_a_line_for_people_ends_with_the_question_it_belongs_to():
    with within_request("0123"):
        assert _TextFormatter().format(record("late")) == "WARNING rag.x: late [0123]"


@pytest.fixture
def root():
    """The root logger, whose handlers and levels are put back."""
    logger = logging.getLogger()
    before, levels = (
        logger.handlers[:],
        {n: logging.getLogger(n).level for n in ("embeddings", "rag")},
    )
    yield logger
    logger.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    ("given", "n_lines"),
    [({"verbose": False, "form": "text"}, 1), ({"verbose": False, "form": "json"}, 2)],
)
def test_lines_for_machines_tell_of_each_step(root, capsys, given, n_lines):
    root.handlers.clear()  # Those of pytest, which would keep ours out.
    configure_logs(**given)
    logging.getLogger("rag.x").info("begun")
    logging.getLogger("rag.x").warning("late")
    logging.getLogger("third.party").info("chatter")
    assert len(capsys.readouterr().err.splitlines()) == n_lines
