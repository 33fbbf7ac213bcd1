from dataclasses import replace

from rag.types import Answer, Stage
from rag.ui.conversation import MAX_TURNS, Turns, advance, ask, fail, repeat, understood

ANSWER = Answer("q", "none", "", (), 0.1, True, (), 0.2)


def test_a_new_question_waits():
    (turn,) = ask((), "q")
    assert turn.is_pending
    assert turn.number == 1


def test_a_stage_keeps_the_turn_pending_and_an_answer_ends_it():
    turns = advance(ask((), "q"), Stage("reading", 5))
    assert turns[-1].is_pending
    assert not advance(turns, ANSWER)[-1].is_pending


def test_a_problem_ends_a_pending_turn_but_never_replaces_an_answer():
    assert fail(ask((), "q"), "stopped")[-1].problem == "stopped"
    answered = advance(ask((), "q"), ANSWER)
    assert fail(answered, "stopped") == answered
    assert fail((), "stopped") == ()


def test_repeat_asks_the_last_question_anew():
    turns = advance(ask(ask((), "first"), "second"), ANSWER)
    again = repeat(turns)
    assert [turn.question for turn in again] == ["first", "second"]
    assert again[-1].is_pending
    assert repeat(()) == ()


def test_old_turns_fall_off_and_numbers_go_on():
    turns: Turns = ()
    for n in range(MAX_TURNS + 3):
        turns = ask(turns, str(n))
    assert len(turns) == MAX_TURNS
    assert turns[-1].number == MAX_TURNS + 3


def test_answered_questions_are_told_as_they_were_understood():
    turns = advance(ask((), "渠县有多少村？"), ANSWER)
    turns = advance(ask(turns, "那师宗县呢？"), replace(ANSWER, understood="师宗县有多少村？"))
    turns = fail(ask(turns, "x"), "stopped")
    assert understood(turns) == ["渠县有多少村？", "师宗县有多少村？"]
