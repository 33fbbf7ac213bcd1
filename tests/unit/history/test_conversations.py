import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from rag.errors import HistoryError
from rag.history import Conversations, NewTurn
from rag.schema import answer_schema
from rag.types import Side
from tests.fakes import make_explanation
from tests.unit.history.conftest import VERSIONS, new_turn


def test_a_turn_comes_back_as_it_was(conversations, document, answer):
    told = replace(answer, understood="甲县电站？", sides=(Side("甲县", "41座", (1,)),))
    conversations.add(new_turn(told))
    (turn,) = conversations.load("a", {"songxi": document}).turns
    kept = turn.answer
    assert (kept.question, kept.text, kept.short) == (told.question, told.text, told.short)
    assert (kept.citations, kept.sides, kept.understood) == (
        told.citations,
        told.sides,
        "甲县电站？",
    )
    assert (kept.confidence, kept.seconds) == (told.confidence, told.seconds)
    assert (turn.turn_id, turn.number, turn.versions) == ("a-1", 1, VERSIONS)


def test_passages_come_back_with_their_headings(conversations, document, answer):
    conversations.add(new_turn(answer))
    (turn,) = conversations.load("a", {"songxi": document}).turns
    (kept,), (was,) = turn.answer.passages, answer.passages
    assert (kept.chunk.text, kept.chunk.span, kept.score) == (was.chunk.text, was.chunk.span, 1.0)
    assert kept.chunk.section == was.chunk.section == ("产业",)


def test_passages_of_a_removed_report_come_back_without_headings(conversations, answer):
    conversations.add(new_turn(answer))
    (turn,) = conversations.load("a", {}).turns
    assert turn.answer.passages[0].chunk.section == ()


def test_a_refusal_comes_back_as_one(conversations, answer):
    silent = replace(answer, text="没有。", short="", citations=(), abstained=True)
    conversations.add(new_turn(silent))
    kept = conversations.load("a", {}).turns[0].answer
    assert (kept.text, kept.short, kept.abstained) == ("没有。", "", True)


def test_what_is_kept_fits_the_published_schema(conversations, answer):
    explanation = make_explanation(answer)
    conversations.add(NewTurn("a", "t", answer, explanation, VERSIONS))
    record = conversations.load("a", {}).turns[0].record
    Draft202012Validator(answer_schema()).validate(record)
    assert record["id"] == "t"
    assert record["explanation"]["parts"]


def test_conversations_are_listed_newest_first_under_their_first_question(conversations, answer):
    conversations.add(new_turn(answer, "a"))
    conversations.add(new_turn(replace(answer, question="乙县呢？"), "b"))
    conversations.add(new_turn(replace(answer, question="其中2019年呢？"), "a", "a-2"))
    listed = conversations.headings()
    assert [(h.conversation_id, h.title) for h in listed] == [
        ("a", answer.question),
        ("b", "乙县呢？"),
    ]


def test_titles_are_searched_without_wildcards(conversations, answer):
    conversations.add(new_turn(replace(answer, question="100%是Who"), "a"))
    conversations.add(new_turn(replace(answer, question="另一个"), "b"))
    assert [h.conversation_id for h in conversations.headings("who")] == ["a"]
    assert [h.conversation_id for h in conversations.headings("0%")] == ["a"]
    assert conversations.headings("_") == ()


def test_a_long_list_is_cut(conversations, answer):
    for n in range(103):
        conversations.add(new_turn(answer, str(n)))
    assert len(conversations.headings()) == 100


def test_a_question_asked_anew_replaces_its_turn(conversations, answer):
    conversations.add(new_turn(answer))
    again = replace(answer, text="42座 [1]")
    conversations.add(new_turn(again, turn_id="again", replaces="a-1"))
    (turn,) = conversations.load("a", {}).turns
    assert (turn.turn_id, turn.answer.text) == ("again", "42座 [1]")


def test_two_pages_that_go_on_with_one_conversation_keep_both_turns(conversations, answer):
    for turn_id in ("a-1", "of one page", "of the other"):
        conversations.add(new_turn(answer, turn_id=turn_id))
    turns = conversations.load("a", {}).turns
    assert [turn.turn_id for turn in turns] == ["a-1", "of one page", "of the other"]
    assert [turn.number for turn in turns] == [1, 2, 3]


def test_a_new_title_stays_when_the_conversation_goes_on(conversations, answer):
    conversations.add(new_turn(answer))
    conversations.rename("a", "  电站\n统计 ")
    conversations.add(new_turn(answer, turn_id="a-2"))
    assert conversations.headings()[0].title == "电站 统计"


@pytest.mark.parametrize("title", ["", " \n "])
def test_an_empty_title_is_refused_and_the_old_one_stays(conversations, answer, title):
    conversations.add(new_turn(answer))
    with pytest.raises(HistoryError, match="the title is empty"):
        conversations.rename("a", title)
    assert conversations.headings()[0].title == answer.question


def test_a_deleted_conversation_is_gone_with_its_turns_and_the_others_stay(conversations, answer):
    conversations.add(new_turn(answer, "a"))
    conversations.add(new_turn(answer, "b"))
    conversations.delete("a")
    assert [h.conversation_id for h in conversations.headings()] == ["b"]
    with pytest.raises(HistoryError, match="there is no such conversation"):
        conversations.load("a", {})


@pytest.mark.parametrize("act", ["delete", "rename"])
def test_what_is_not_there_is_told(conversations, act):
    arguments = ["x"] if act == "delete" else ["x", "title"]
    with pytest.raises(HistoryError, match="there is no such conversation"):
        getattr(conversations, act)(*arguments)


def test_half_a_surrogate_pair_is_kept_as_a_question_mark(conversations, answer):
    conversations.add(new_turn(replace(answer, question="x\ud800y", text="\udfff")))
    (turn,) = conversations.load("a", {}).turns
    assert (turn.answer.question, turn.answer.text) == ("x?y", "?")
    assert conversations.headings("x\ud800")[0].title == "x?y"


def test_threads_write_side_by_side(conversations, answer):
    together = threading.Barrier(8)

    def add(n: int) -> None:
        together.wait()
        conversations.add(new_turn(answer, str(n)))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(conversations.headings()) == 8


def test_a_killed_process_loses_no_turn_that_was_added(path, answer):
    script = (
        "import os, sys, pathlib; from rag.history import Conversations, NewTurn;"
        "from rag.types import Answer; answer = Answer('q', 'no', '', (), 0.1, True, (), 0.2);"
        "Conversations(pathlib.Path(sys.argv[1])).add(NewTurn('a', 't', answer, None, {}));"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -9
    assert Conversations(path).load("a", {}).turns[0].answer.question == "q"
