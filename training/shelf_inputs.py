"""What a reader is given to read when questions are asked of a shelf."""

from collections.abc import Sequence
from pathlib import Path

from rag.config import load_config
from rag.evaluation.questions import Question, load_questions
from rag.opening import open_parts
from rag.pipeline import RagPipeline
from rag.reader import ReaderInput
from rag.reader.base import Reading

_SILENCE = Reading("", None, (), 0.0, abstained=True)


class Listener:
    """A reader that keeps what it is given to read and says nothing.

    Attributes:
        heard: Every input so far, in order.
    """

    model_id = "listener"

    def __init__(self) -> None:
        self.heard: list[ReaderInput] = []

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        """Silence for each input."""
        self.heard.extend(inputs)
        return [_SILENCE] * len(inputs)


def shelf_inputs(shelf: Path, questions: Path) -> list[tuple[Question, ReaderInput]]:
    """Each question of a file that is read once, with what is read for it.

    Left out are those that are refused before reading (a place that no report covers) and
    those that are asked for several places.

    Args:
        shelf: Folder of an index.
        questions: As `rag eval` takes them.
    """
    parts = open_parts(shelf, load_config(), rebuild=False, show_progress=False)
    found = []
    for question in load_questions(questions):
        listener = Listener()
        RagPipeline(parts.index, parts.retriever, listener, parts.config).ask(question.question)
        if len(listener.heard) == 1:
            found.append((question, listener.heard[0]))
    return found
