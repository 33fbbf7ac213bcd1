from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from rag.exports import Form
from rag.history import Conversations, NewTurn
from rag.ui.conversation import ask
from rag.ui.conversations import _Handlers
from rag.ui.events import Connected
from rag.ui.events import _Handlers as ChatHandlers
from tests.fakes import FakePipeline

N_SHOWN = 6  # Components that show a conversation, before the list in what handlers give back.
LIST, TITLE, NOTICE, SURE = 6, 7, 8, 9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.sqlite3"


@pytest.fixture
def handlers(document, answer, path) -> _Handlers:
    pipeline = FakePipeline({"songxi": document}, {answer.question: answer})
    conversations = Conversations(path)
    conversations.add(NewTurn("a", "t", answer, None, {}))
    connected = Connected(ChatHandlers(pipeline).show, [None] * N_SHOWN, [])
    return _Handlers(pipeline, conversations, connected)


def chosen(radio: Any) -> tuple[list[object], object]:
    assert isinstance(radio, gr.Radio)
    return [value for _, value in radio.choices], radio.value


def test_a_chosen_conversation_is_shown_and_marked(handlers, answer):
    shown = handlers.open((), "", "a")
    assert shown[0][0].answer.text == answer.text
    assert "41座" in shown[1][-1]["content"]
    assert chosen(shown[LIST]) == (["a"], "a")
    assert (shown[TITLE], shown[NOTICE]) == (answer.question, "")


def test_nothing_is_opened_while_an_answer_is_under_way(handlers):
    shown = handlers.open(ask((), "q"), "", "a")
    assert list(shown[:N_SHOWN]) == [gr.skip()] * N_SHOWN  # It may have come meanwhile.
    assert "An answer is under way" in shown[NOTICE]


def test_a_conversation_deleted_elsewhere_is_told(handlers):
    handlers.conversations.delete("a")
    shown = handlers.open((), "", "a")
    assert "no such conversation" in shown[NOTICE]
    assert chosen(shown[LIST]) == ([], None)


def test_a_file_that_cannot_be_used_is_named_and_the_list_is_empty(handlers, path):
    path.write_text("no database" * 1000)
    listed, _, notice, _ = handlers.refresh((), "")
    assert chosen(listed) == ([], None)
    assert "conversations&#46;sqlite3 is damaged" in notice


def test_renaming_shows_in_the_list(handlers):
    listed, _, notice, _ = handlers.rename((), "", "a", "新<名>")
    assert notice == ""
    assert listed.choices[0][0].startswith("新<名> · 20")


def test_an_empty_title_is_told(handlers):
    assert "the title is empty" in handlers.rename((), "", "a", " ")[2]


@pytest.mark.parametrize("act", ["rename", "delete", "ask_whether", "export"])
def test_without_a_choice_nothing_happens_but_a_hint(handlers, act):
    arguments = {
        "rename": ((), "", None, "x"),
        "delete": ((), "", None),
        "ask_whether": (None,),
        "export": (None, Form.JSON),
    }[act]
    assert any("Open a conversation" in str(value) for value in getattr(handlers, act)(*arguments))
    assert len(handlers.conversations.headings()) == 1


def test_deleting_empties_page_and_list(handlers):
    turns = handlers.open((), "", "a")[0]
    shown = handlers.delete(turns, "", "a")
    assert shown[0] == ()
    assert chosen(shown[LIST]) == ([], None)
    assert not shown[SURE].visible


def test_whether_to_delete_is_not_asked_of_a_conversation_that_opened_since(handlers):
    assert handlers.ask_whether("a")[0].visible
    assert not handlers.refresh((), "")[SURE - N_SHOWN].visible


@pytest.mark.parametrize("form", list(Form))
def test_an_export_is_a_link_to_a_file_of_gradio(handlers, form, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    link, notice = handlers.export("a", form)
    assert notice == ""
    assert "gradio&#95;api&#47;file&#61;" in link
    (file,) = (tmp_path / "cache").rglob(f"*.{form}")
    assert file.stat().st_size > 100
    assert file.stat().st_mode & 0o077 == 0
