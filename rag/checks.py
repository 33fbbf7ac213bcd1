"""What a reading has to pass before it is shown: each check by name, the first failure decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rag.citations import cite_answer, ground
from rag.english_numbers import in_english
from rag.explanation import Check, CheckName, Outcome
from rag.figures import unsupported
from rag.queries import is_foreign
from rag.reader.base import ReaderInput, Reading
from rag.replies import no_answer, no_report, with_marks
from rag.scope import only_strangers
from rag.types import Answer, Document, Passage


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader was given, and what it made of it."""

    asked: ReaderInput
    reading: Reading

    @property
    def is_closed(self) -> bool:
        """True if the reader answered from a stretch of a passage that was closed to it."""
        place = self.reading.passage
        return place is not None and any(
            self.asked.is_closed(place, span) for span in self.reading.spans
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """What is shown for a reading, and the checks that decided on it, as far as they were made."""

    answer: Answer
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Checker:
    """Makes answers of readings.

    Args:
        documents: The shelf.
        places: Those that its reports are about.
    """

    documents: Mapping[str, Document]
    places: tuple[str, ...]

    def check(
        self, question: str, passages: tuple[Passage, ...], read: Read | None, threshold: float
    ) -> Checked:
        """The answer, or an abstention.

        Args:
            question: As it was searched.
            passages: As they were read.
            read: None if there was nothing to read.
            threshold: Confidence under which the answer is withheld; below 0 the reader's own.
        """
        log = _Log()
        answer = self._answer(question, passages, read, threshold, log)
        return Checked(answer, tuple(log.checks))

    def _answer(
        self,
        question: str,
        passages: tuple[Passage, ...],
        read: Read | None,
        threshold: float,
        log: "_Log",
    ) -> Answer:
        silent = Answer(question, no_answer(question), "", (), 0.0, True, passages, 0.0)
        if read is None or read.is_closed:
            return silent
        strangers = only_strangers(question, passages, self.documents)
        if not log.holds(CheckName.PLACE, not strangers, strangers):
            return replace(silent, text=no_report(question, strangers, self.places))
        reading = read.reading
        unsure = replace(silent, confidence=reading.confidence)
        if reading.passage is None or not reading.text:
            return unsure
        is_unsure = reading.abstained if threshold < 0 else reading.confidence < threshold
        is_sure = log.holds(CheckName.CONFIDENCE, not is_unsure)
        grounded = ground(reading, [passage.chunk.text for passage in passages])
        if not log.holds(CheckName.CITATION, grounded is not None) or not is_sure:
            return unsure
        assert grounded is not None
        chunk = passages[reading.passage].chunk
        citations = cite_answer(chunk, grounded.spans, self.documents[chunk.document_id])
        missing = unsupported(grounded.text, "\n".join(citation.text for citation in citations))
        written = [figure.span.of(grounded.text) for figure in missing]
        if not log.holds(CheckName.NUMBER, not missing, written):
            return silent
        text = with_marks(_shown(question, grounded.text), citations)
        return Answer(
            question, text, grounded.text, citations, reading.confidence, False, passages, 0.0
        )


class _Log:
    """The checks of one reading, in the order in which they were made."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def holds(self, name: CheckName, passed: bool, items: Iterable[str] = ()) -> bool:
        """Note how a check went; gives `passed`."""
        outcome = Outcome.PASSED if passed else Outcome.FAILED
        self.checks.append(Check(name, outcome, tuple(items)))
        return passed


def _shown(question: str, answer: str) -> str:
    """The answer; to a foreign question its figures in English, too."""
    english = in_english(answer) if is_foreign(question) else ""
    return f"{answer} ({english})" if english else answer
