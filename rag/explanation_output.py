"""What the command line prints of an explanation: as a record and as text.

The fields of the record are a contract, as in `rag.output`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rag.explanation import Candidate, Check, CheckName, Explanation, FoundPassage, Part, Role
from rag.output import Record, answer_record, answer_text, place_text, shorten

_ROLES = {
    Role.ASKED: "",
    Role.SIDE: "one side: ",
    Role.UNIT: "again, in the unit of the surest side: ",
    Role.REPORT: "again, of another report about the place: ",
}


def explained_record(question_id: str | int | None, explanation: Explanation) -> Record:
    """The record of the answer with one more field, `explanation`."""
    record = answer_record(question_id, explanation.answer)
    return {**record, "explanation": _record(explanation)}


def explained_text(explanation: Explanation) -> str:
    """The answer for people, and below it why it is what it is."""
    return "\n".join([answer_text(explanation.answer), "", *_lines(explanation)])


def _record(explanation: Explanation) -> Record:
    return {
        "parts": [_part_record(part) for part in explanation.parts],
        "term": explanation.term,
        "seconds": asdict(explanation.seconds),
    }


def _part_record(part: Part) -> Record:
    return {
        "role": part.role.value,
        "question": part.question,
        "bare": part.bare,
        "gloss": part.gloss,
        "read_as": part.read_as,
        "places": [list(group) for group in part.places],
        "years": list(part.years),
        "passages": [_passage_record(found) for found in part.passages],
        "candidates": [asdict(candidate) for candidate in part.candidates],
        "n_candidates": part.n_candidates,
        "n_unfit": part.n_unfit,
        "refusal": part.refusal,
        "confidence": part.confidence,
        "threshold": part.threshold,
        "checks": [
            {"name": check.name.value, "outcome": check.outcome.value, "items": list(check.items)}
            for check in part.checks
        ],
        "answer": part.answer,
    }


def _passage_record(found: FoundPassage) -> Record:
    chunk = found.passage.chunk
    return {
        "document": chunk.document_id,
        "start": chunk.span.start,
        "end": chunk.span.end,
        "rank": found.passage.rank,
        "score": found.passage.score,
        **asdict(found.standing),
        "is_partly_closed": found.is_partly_closed,
    }


def _lines(explanation: Explanation) -> Iterator[str]:
    yield "why this answer:"
    if explanation.term:
        yield f"  all reports were looked through for: {explanation.term}"
    for part in explanation.parts:
        yield from _part_lines(part)
    seconds = explanation.seconds
    yield (
        f"  seconds: search {seconds.search:.3f}, read {seconds.read:.3f}, "
        f"check {seconds.check:.3f}, all {explanation.answer.seconds:.3f}"
    )


def _part_lines(part: Part) -> Iterator[str]:
    yield f"  {_ROLES[part.role]}{part.question}"
    facts = {
        "words": part.bare,
        "in Chinese": part.gloss,
        "read as": part.read_as,
        "places": ", ".join(" or ".join(group) for group in part.places),
        "years": ", ".join(map(str, part.years)),
        "came to": part.answer or "no answer",
    }
    yield from (f"    {name:<11} {value}" for name, value in facts.items() if value)
    yield from _passage_lines(part.passages)
    yield from _candidate_lines(part)
    yield "    checks"
    yield from (f"      {_check_text(check, part)}" for check in part.checks)


def _passage_lines(passages: Sequence[FoundPassage]) -> Iterator[str]:
    if not passages:
        return
    yield "    rank   score   dense           lexical         passage"
    for found in passages:
        standing, chunk = found.standing, found.passage.chunk
        dense = _ranked(standing.dense_rank, standing.dense_score or 0.0)
        lexical = _ranked(standing.lexical_rank, standing.lexical_score)
        place = place_text(chunk.document_id, chunk.section, chunk.span)
        yield f"    {found.passage.rank:>4}  {found.passage.score:.4f}  {dense}  {lexical}  {place}"


def _ranked(rank: int | None, score: float) -> str:
    """A rank with its score, 14 characters wide."""
    return f"{'-':<14}" if rank is None else f"{f'{rank} ({score:.4f})':<14}"


def _candidate_lines(part: Part) -> Iterator[str]:
    if part.candidates:
        yield f"    best of {part.n_candidates} candidates"
    yield from (f"      {_candidate_text(candidate)}" for candidate in part.candidates)
    refusal = "" if part.refusal is None else f"refusal {part.refusal:.3f}, "
    threshold = "the reader's own" if part.threshold is None else f"{part.threshold:.3f}"
    yield f"    {refusal}confidence {part.confidence:.3f}, threshold {threshold}"


def _candidate_text(candidate: Candidate) -> str:
    mark = "*" if candidate.is_chosen else " "
    kind = "" if candidate.fits else ", another kind than asked for"
    text = shorten(candidate.text)
    return f"{mark} {candidate.probability:.3f}  {text}  (passage {candidate.rank}{kind})"


def _check_text(check: Check, part: Part) -> str:
    details = [*check.items, *_counts(check.name, part)]
    outcome = check.outcome.value.replace("_", " ")
    return f"{check.name.value:<11} {outcome:<12} {'; '.join(details)}".rstrip()


def _counts(name: CheckName, part: Part) -> Iterator[str]:
    n_closed = sum(found.is_partly_closed for found in part.passages)
    if name == CheckName.KIND and part.n_unfit:
        yield f"{part.n_unfit} of {part.n_candidates} candidates are of another kind"
    if name == CheckName.YEAR and n_closed:
        yield f"{n_closed} of {len(part.passages)} passages speak of other years, too"
