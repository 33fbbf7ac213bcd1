from dataclasses import replace

import gradio as gr
import pytest
from gradio.exceptions import Error

from rag.config import RagConfig
from rag.ui.conversation import advance, ask
from rag.ui.library import Library
from rag.ui.library_page import _Handlers
from tests.fakes import FakePipeline, make_index
from tests.words import in_chinese, in_english


@pytest.fixture
def pipeline(document, answer, tmp_path) -> FakePipeline:
    pipeline = FakePipeline({"songxi": document}, {answer.question: answer})
    pipeline.config = RagConfig(index=tmp_path / "index")
    return pipeline


@pytest.fixture
def handlers(pipeline) -> _Handlers:
    return _Handlers(Library(pipeline), pipeline.index.generation, can_sign_out=False)


def test_a_citation_into_a_removed_report_says_that_it_is_gone(handlers, pipeline, answer):
    turns = advance(ask((), answer.question), answer)
    chat, sources = handlers.renew("", 0, turns, [], [])[7:9]
    assert "has gone or changed" not in sources
    assert "source changed" not in chat[1]["content"]
    pipeline.take_over(make_index({}))
    chat, sources = handlers.renew("", 0, turns, [], [])[7:9]
    assert "has gone or changed" in sources
    assert "source changed" in chat[1]["content"]


def test_a_question_under_way_keeps_its_place_in_the_chat(handlers, answer):
    turns = ask((), answer.question)
    assert handlers.renew("", 0, turns, [], [])[7] == gr.skip()


def test_what_is_chosen_and_gone_leaves_the_filter(handlers, pipeline, document):
    other = replace(document, document_id="other", years=(2021,))
    pipeline.take_over(make_index({"other": other}))
    documents, years = handlers.renew("", 0, (), ["songxi", "other"], [2016, 2021])[-2:]
    assert (documents.value, years.value) == (["other"], [2021])
    assert [name for _, name in documents.choices] == ["other"]


def test_header_and_title_count_the_reports(handlers, pipeline):
    pipeline.take_over(make_index({}))
    panel, header = handlers.renew("", 0, (), [], [])[5:7]
    assert in_english(panel.label) == "Reports (0)"
    assert "书架上的 0 份报告" in in_chinese(header)


def test_finding_begins_with_the_first_page(handlers, pipeline, document):
    many = {f"r{n}": replace(document, document_id=f"r{n}") for n in range(45)}
    pipeline.take_over(make_index(many))
    assert [handlers.turn_on("", 0)[-1], handlers.turn_back("", 0)[-1]] == [1, 0]
    *_, earlier, later, number = handlers.find("r4")
    assert (earlier.interactive, later.interactive, number) == (False, False, 0)


def test_the_list_is_renewed_while_its_panel_is_closed(handlers):
    assert "松溪县总结" in handlers.renew(None, 0, (), [], [])[0]


def test_a_folder_that_cannot_be_written_is_told(handlers, pipeline, tmp_path):
    (tmp_path / "index-documents").write_text("in the way")
    file = tmp_path / "a.txt"
    file.write_text("text")
    with pytest.raises(Error, match="cannot write"):
        handlers.add([str(file)])


def test_given_files_get_a_line_each_and_the_box_is_emptied(handlers, tmp_path):
    files = [tmp_path / "a.pptx", tmp_path / "b.pptx"]
    for file in files:
        file.write_text("x")
    box, lines = handlers.add([str(file) for file in files])
    assert box is None
    assert lines.count("<li") == 2
    *_, last = handlers.watch()
    assert in_english(last).count("save it as PDF") == 2
    assert in_chinese(last).count("请另存为 PDF") == 2


def test_removing_begins_with_a_line(handlers):
    event = gr.EventData(None, {"document": "songxi"})
    assert "松溪县总结" in handlers.remove(event)
    *_, last = handlers.watch()
    assert "Refused" in in_english(last)  # There is no index on the disk.


def test_a_page_that_shows_the_shelf_as_it_is_is_left_alone_when_it_opens(handlers, pipeline):
    assert handlers.renew_opened("", 1, (), [], []) == gr.skip()
    older = _Handlers(handlers.library, "an older generation", can_sign_out=True)
    renewed = older.renew_opened("", 0, (), [], [])
    assert isinstance(renewed, tuple)
    assert "松溪县总结" in renewed[0]


@pytest.mark.parametrize("can_sign_out", [True, False])
def test_who_has_signed_in_keeps_the_way_out_when_the_shelf_has_changed(handlers, can_sign_out):
    renewed = replace(handlers, can_sign_out=can_sign_out).renew("", 0, (), [], [])
    assert ("Sign out" in in_english(renewed[6])) is can_sign_out
