import json

import pytest

from rag.controls import escaped_in_json, without_commands, without_controls
from rag.output import as_json, emit

COMMANDS = ["\x1b", "\x07", "\x00", "\x7f", "\x9b", *"\u202a\u202e\u2066\u2069"]


@pytest.mark.parametrize("character", COMMANDS)
def test_what_a_terminal_obeys_is_shown_as_replaced(character, capsys):
    emit(f"标题{character}[2J")
    assert capsys.readouterr().out == "标题\ufffd[2J\n"


def test_other_text_is_printed_as_it_is(capsys):
    emit("县\t98\n😀 é\u0301")
    assert capsys.readouterr().out == "县\t98\n😀 é\u0301\n"


@pytest.mark.parametrize("character", COMMANDS)
def test_json_holds_the_same_characters_and_shows_none(character):
    written = as_json({"question": f"a{character}b"})
    assert json.loads(written) == {"question": f"a{character}b"}
    assert written == without_commands(written)


def test_json_stays_in_its_script():
    assert escaped_in_json('"县\\n"') == '"县\\n"'


def test_lone_surrogates_go_where_no_file_can_hold_them():
    assert without_controls("a\ud800b") == "a\ufffdb"
    assert without_commands("a\ud800b") == "a\ud800b"
