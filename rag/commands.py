"""What each subcommand of `rag` does. Heavy libraries are imported where they are used."""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import RagConfig
from rag.controls import without_commands
from rag.errors import ConfigError, DocumentError, IndexCorruptError, QuestionError
from rag.evaluation.questions import parse_row, read_lines, text_field, texts_field
from rag.explanation_output import explained_record, explained_text
from rag.filters import ReportFilter
from rag.interfaces import Interfaces
from rag.invocation import Invocation, shows_progress
from rag.output import (
    answer_record,
    answer_text,
    as_json,
    document_record,
    document_text,
    emit,
    passage_record,
    passage_text,
    reading_record,
)
from rag.queries import question_to_read
from rag.reader.base import Reader, ReaderInput
from rag.schema import schema_text
from rag.types import Document

if TYPE_CHECKING:
    from rag.accounts import Accounts
    from rag.pipeline import RagPipeline

QuestionId = str | int
_Announce = Callable[[str], None]


def ask(
    call: Invocation,
    question: str | None,
    path: Path | None,
    held_to: ReportFilter,
    *,
    is_explained: bool = False,
) -> int:
    """Answer `question`, or each question of the file `path` as soon as it can be.

    Gives 1 if some row of the file could not be used.
    """
    tell = _tell_why if is_explained else _tell
    if path is None:
        question = question or ""
        emit(tell(call, _open_for(call.config, question, held_to), None, question, held_to))
        return 0
    rows = list(read_lines(path))
    pipeline = _open_held_to(call.config, held_to)

    def answer_row(place: str, row: Mapping[str, object]) -> str:
        asked = text_field(place, row, "question")
        told = tell(call, pipeline, _question_id(place, row), asked, held_to)
        return told if call.as_json else f"{asked}\n{told}\n"

    return _for_each_row(rows, answer_row)


def read(call: Invocation, path: Path) -> int:
    """Let the reader alone answer each row of a file from the row's own passages."""
    rows = list(read_lines(path))
    reader = load_reader(call.config)

    def answer(place: str, row: Mapping[str, object]) -> str:
        passages = texts_field(place, row, "passages")
        question = text_field(place, row, "question")
        started = time.perf_counter()
        asked = question_to_read(question, passages=passages)
        (reading,) = reader.read([ReaderInput(asked, passages, ("",) * len(passages))])
        seconds = time.perf_counter() - started
        return as_json(reading_record(_question_id(place, row), reading, seconds))

    return _for_each_row(rows, answer)


def search(call: Invocation, query: str, held_to: ReportFilter) -> int:
    """List the passages nearest to a query."""
    passages = _open_for(call.config, query, held_to).search(
        query, top_k=call.config.top_k, documents=held_to.documents, years=held_to.years
    )
    for passage in passages:
        emit(as_json(passage_record(passage)) if call.as_json else passage_text(passage))
    return 0


def show(call: Invocation, document_id: str, *, only_text: bool) -> int:
    """Print what is known of a report, or its canonical text exactly as offsets count it."""
    document = _find_document(call.config, document_id)
    if only_text:
        # Bytes, and no line end of ours: offsets must fit on every system.
        sys.stdout.buffer.write(document.text.encode("utf-8"))
        sys.stdout.buffer.flush()
    elif call.as_json:
        emit(as_json(document_record(document)))
    else:
        emit(document_text(document))
    return 0


def evaluate(call: Invocation, path: Path, html: Path | None) -> int:
    """Measure the answers to a file of questions with gold answers."""
    from rag.evaluation import evaluate, load_questions, report_as_json, report_as_text
    from rag.evaluation.html_report import report_as_html

    questions = load_questions(path)
    if html is not None:
        _check_writable(html)
    pipeline = open_pipeline(call.config)
    report = evaluate(pipeline, questions, show_progress=shows_progress())
    if html is not None:
        _write(html, report_as_html(report))
    emit(report_as_json(report) if call.as_json else report_as_text(report).rstrip("\n"))
    return 0


def evaluate_reader(call: Invocation, path: Path, limit: int | None, answers: Path | None) -> int:
    """Measure the reader alone on a file in the form of SQuAD."""
    from rag.evaluation.squad import evaluate_reader, load_squad, reader_record, reader_text

    if limit is not None and limit < 1:
        raise QuestionError(f"--limit is {limit}; expected 1 or more")
    questions = load_squad(path)[:limit]
    if answers is not None:
        _check_writable(answers)
    reader = load_reader(call.config)

    def progress(n: int) -> None:
        if shows_progress():
            sys.stderr.write(f"\r{n} of {len(questions)} questions")

    report = evaluate_reader(reader, questions, progress)
    if answers is not None:
        _write(answers, json.dumps(report.answers, ensure_ascii=False, indent=0))
    show = reader_record if call.as_json else reader_text
    shown = show(report, reader.model_id)
    emit(shown if isinstance(shown, str) else as_json(shown))
    return 0


def serve(
    call: Invocation, paths: Sequence[Path], host: str, port: int, interfaces: Interfaces
) -> int:
    """Serve the chat page until interrupted; reports in `paths` are indexed first.

    What was given to the page earlier stays on the shelf beside them.
    """
    from rag.accounts import load_accounts
    from rag.generations import is_index
    from rag.keeping import settle
    from rag.uploads import uploaded_files

    # An index is served as it is; only files and folders are read again.
    is_read = bool(paths) and not is_index(paths[0])
    settle(call.config)
    served = [*paths, *uploaded_files(call.config)] if is_read else paths
    serve_page(
        lambda: open_pipeline(call.config, served),
        host=host,
        port=port,
        interfaces=interfaces,
        accounts=load_accounts(call.config),
        announce=emit,
    )
    return 0


def schema() -> int:
    """Print the JSON schema of the records that `ask --json` prints."""
    emit(schema_text().rstrip("\n"))
    return 0


def info(call: Invocation) -> int:
    """Print every setting with its origin, versions, model ids and what the index holds."""
    from rag.info import collect_info

    found = collect_info(call.config, call.given)
    emit(as_json(found.as_record()) if call.as_json else found.as_text())
    return 0


def open_pipeline(config: RagConfig, paths: Sequence[Path] = ()) -> "RagPipeline":
    """The pipeline over the index in the settings; `paths` bring it up to date first."""
    from rag.info import index_manifest
    from rag.pipeline import RagPipeline

    if not paths:
        # A missing index is told at once, before models are loaded; of a damaged one, another
        # generation may answer.
        with contextlib.suppress(IndexCorruptError):
            index_manifest(config)
    return RagPipeline.open(paths or None, config=config, show_progress=shows_progress())


def load_documents_of_index(config: RagConfig) -> Mapping[str, Document]:
    """The indexed reports by id; loads no model."""
    from rag.index import load_intact

    return load_intact(config).documents


def load_reader(config: RagConfig) -> Reader:
    """The reader that the settings name."""
    from rag.reader import load_reader

    return load_reader(config)


def serve_page(
    open_pipeline: Callable[[], "RagPipeline"],
    *,
    host: str,
    port: int,
    interfaces: Interfaces,
    accounts: "Accounts",
    announce: _Announce,
) -> None:
    """Serve the chat page over the pipeline until interrupted."""
    from rag.ui import serve

    serve(
        open_pipeline,
        host=host,
        port=port,
        interfaces=interfaces,
        accounts=accounts,
        announce=announce,
    )


def _tell(
    call: Invocation,
    pipeline: "RagPipeline",
    question_id: QuestionId | None,
    question: str,
    held_to: ReportFilter,
) -> str:
    answer = pipeline.ask(question, documents=held_to.documents, years=held_to.years)
    return as_json(answer_record(question_id, answer)) if call.as_json else answer_text(answer)


def _tell_why(
    call: Invocation,
    pipeline: "RagPipeline",
    question_id: QuestionId | None,
    question: str,
    held_to: ReportFilter,
) -> str:
    found = pipeline.explain(question, documents=held_to.documents, years=held_to.years)
    return as_json(explained_record(question_id, found)) if call.as_json else explained_text(found)


def _find_document(config: RagConfig, document_id: str) -> Document:
    documents = load_documents_of_index(config)
    if document_id not in documents:
        known = ", ".join(sorted(documents))
        raise DocumentError(f"there is no report {document_id!r} in the index; known: {known}")
    return documents[document_id]


def _open_for(config: RagConfig, question: str, held_to: ReportFilter) -> "RagPipeline":
    """The pipeline; a question that cannot be asked is told at once, before models are loaded."""
    from rag.pipeline import check_question

    check_question(question, config.max_question_chars)
    return _open_held_to(config, held_to)


def _open_held_to(config: RagConfig, held_to: ReportFilter) -> "RagPipeline":
    """The pipeline; a filter that cannot be used is told once, not for each question."""
    pipeline = open_pipeline(config)
    held_to.apply(pipeline.documents)
    return pipeline


def _for_each_row(
    rows: Sequence[tuple[str, str]], answer: Callable[[str, Mapping[str, object]], str]
) -> int:
    """Print what `answer` makes of each row; a bad row is told and the rest goes on."""
    n_bad = 0
    for place, line in rows:
        try:
            emit(answer(place, parse_row(place, line)))
        except QuestionError as exc:
            n_bad += 1
            message = str(exc) if place in str(exc) else f"{place}: {exc}"
            sys.stderr.write(f"rag: {without_commands(message)}\n")
    return 1 if n_bad else 0


def _question_id(place: str, row: Mapping[str, object]) -> QuestionId:
    found = row.get("id")
    if not isinstance(found, str | int):
        raise QuestionError(f"{place}: 'id' is {found!r}; expected a text or a number")
    return found


def _check_writable(path: Path) -> None:
    """Learn before the first question, not after the last, that a report cannot be written."""
    try:
        path.open("a").close()
    except OSError as exc:
        raise ConfigError(f"cannot write {path}: {exc.strerror}") from exc


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"cannot write {path}: {exc.strerror}") from exc
