"""The subcommand `rag feedback`: what people said of answers, written into a file."""

from pathlib import Path

from rag.errors import ConfigError
from rag.exports import feedback_as_csv, feedback_as_questions
from rag.history import Feedback, files_of_all
from rag.invocation import Invocation
from rag.output import emit

_WRITERS = {
    ".jsonl": (feedback_as_questions, "utf-8"),
    # The byte order mark tells spreadsheets the encoding.
    ".csv": (feedback_as_csv, "utf-8-sig"),
}


def export(call: Invocation, path: Path) -> int:
    """Write the feedback of all users into a new file.

    Its suffix tells the form: questions for `rag eval` (.jsonl) or a table (.csv).
    """
    if path.suffix.lower() not in _WRITERS:
        raise ConfigError(f"{path}: expected a name that ends in {' or '.join(_WRITERS)}")
    files = files_of_all(call.config.history_file).values()
    ratings = [rating for file in files for rating in Feedback(file).ratings()]
    ratings.sort(key=lambda rating: rating.given)
    if not ratings:
        raise ConfigError(
            f"{call.config.history_file} holds no feedback; rate answers in the page first"
        )
    write, encoding = _WRITERS[path.suffix.lower()]
    _write_new(path, write(ratings), encoding)
    emit(f"{len(ratings)} ratings are written into {path}")
    return 0


def _write_new(path: Path, text: str, encoding: str) -> None:
    """Write a file that is not there yet: an exported one may have been edited by hand."""
    try:
        with path.open("x", encoding=encoding, newline="") as file:
            file.write(text)
    except FileExistsError as exc:
        raise ConfigError(f"{path} is there already; remove it or give another name") from exc
    except OSError as exc:
        raise ConfigError(f"cannot write {path}: {exc.strerror}") from exc
