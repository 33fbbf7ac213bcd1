"""The subcommands that keep a shelf well: doctor, backup, restore."""

from pathlib import Path

from rag.invocation import Invocation
from rag.output import as_json, emit


def doctor(call: Invocation) -> int:
    """Tell what is well and what is not, a line for each thing; 1 if something is not."""
    from rag.doctor import examine

    n_problems = 0
    for finding in examine(call.config):
        emit(as_json(finding.as_record()) if call.as_json else finding.as_text())
        n_problems += not finding.is_ok
    return 1 if n_problems else 0


def back_up(call: Invocation, file: Path, *, replace: bool) -> int:
    """Write the shelf into one file."""
    from rag.backup import back_up

    made = back_up(call.config, file, replace=replace)
    emit(f"{made.n_documents} reports, {len(made.files)} files are written into {file}")
    return 0


def restore(call: Invocation, file: Path, *, replace: bool) -> int:
    """Put a backup in place of the shelf, or where there is none."""
    from rag.restoring import restore

    made = restore(call.config, file, replace_shelf=replace)
    emit(f"{made.n_documents} reports of {made.made} are in {call.config.index}")
    return 0
