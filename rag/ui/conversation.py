"""A conversation as values: what was asked, how far it is, and what came of it."""

from dataclasses import dataclass, replace
from uuid import uuid4

from rag.explanation import Explanation
from rag.types import Answer, Stage

MAX_TURNS = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what has become of it.

    Attributes:
        number: From 1; names the turn's place in the page.
        question: As asked.
        stage: The step under way; None while waiting in the queue.
        answer: The result, once there is one.
        problem: Why there is no answer, in words for the person who asked.
        explanation: How the answer came about, if that was kept.
        conversation_id: The conversation that it belongs to.
        turn_id: Unique among all turns.
        replaces: Id of the kept turn whose question it asks anew; else empty.
        unkept: Why the answer was not kept, in words for the person who asked; else empty.
        verdict: What that person said of the answer: `right`, `wrong`, or empty.
    """

    number: int
    question: str
    stage: Stage | None = None
    answer: Answer | None = None
    problem: str = ""
    explanation: Explanation | None = None
    conversation_id: str = ""
    turn_id: str = ""
    replaces: str = ""
    unkept: str = ""
    verdict: str = ""

    @property
    def is_pending(self) -> bool:
        """True until there is an answer or a problem."""
        return self.answer is None and not self.problem


Turns = tuple[Turn, ...]


def ask(turns: Turns, question: str) -> Turns:
    """The conversation with a new question; the oldest turns fall off after `MAX_TURNS`.

    Without turns it is a new conversation.
    """
    number = turns[-1].number + 1 if turns else 1
    conversation_id = turns[-1].conversation_id if turns else _new_id()
    turn = Turn(number, question, conversation_id=conversation_id, turn_id=_new_id())
    return (*turns, turn)[-MAX_TURNS:]


def advance(turns: Turns, step: Stage | Answer | Explanation) -> Turns:
    """The conversation after the last turn has made a step."""
    if isinstance(step, Explanation):
        return (*turns[:-1], replace(turns[-1], answer=step.answer, explanation=step))
    if isinstance(step, Answer):
        return (*turns[:-1], replace(turns[-1], answer=step))
    return (*turns[:-1], replace(turns[-1], stage=step))


def fail(turns: Turns, problem: str) -> Turns:
    """The conversation with `problem` in place of the answer, if one was still awaited."""
    if not turns or not turns[-1].is_pending:
        return turns
    return (*turns[:-1], replace(turns[-1], problem=problem))


def understood(turns: Turns) -> list[str]:
    """The answered questions, oldest first, each as it was searched."""
    return [turn.answer.understood or turn.question for turn in turns if turn.answer is not None]


def repeat(turns: Turns) -> Turns:
    """The conversation with its last question asked anew, in the same place."""
    if not turns:
        return turns
    last = turns[-1]
    is_kept = last.answer is not None and not last.unkept
    again = Turn(
        last.number,
        last.question,
        conversation_id=last.conversation_id,
        turn_id=_new_id(),
        replaces=last.turn_id if is_kept else last.replaces,
    )
    return (*turns[:-1], again)


def _new_id() -> str:
    return uuid4().hex
