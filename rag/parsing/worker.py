"""The process that parses one file: bytes in, a JSON record with its text or its problem out."""

import json
import logging
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import PurePath

from rag.errors import DocumentError
from rag.parsing.extract import Extract
from rag.parsing.limits import MAX_MEMORY_BYTES, check_chars, limit_memory

Parser = Callable[[bytes, str], Extract]
Record = dict[str, object]
Work = Callable[[bytes, str], Record]

_MAX_REASON = 200


def main() -> None:
    """Read a file from standard input, its name from the command line, and write the record."""
    serve_record(_parse, sys.argv[1])


def parse_to_record(data: bytes, name: str) -> Record:
    """The fields of the file's Extract, or `problem`: why there is none."""
    return _told(_parse, data, name)


def serve_record(work: Work, name: str) -> None:
    """Do `work` on standard input, within the limits, and write its record or its problem."""
    limit_memory()
    logging.disable()  # What the libraries grumble about a file is of no use to its reader.
    with redirect_stdout(sys.stderr):  # Nothing else may stand in the output.
        record = _told(work, sys.stdin.buffer.read(), name)
    sys.stdout.buffer.write(json.dumps(record).encode())


def _parse(data: bytes, name: str) -> Record:
    extract = parser_for(name)(data, name)
    check_chars(len(extract.text), name)
    return asdict(extract)


def _told(work: Work, data: bytes, name: str) -> Record:
    """What `work` makes of a file, or `problem`: why it could not."""
    try:
        return work(data, name)
    except DocumentError as exc:
        return {"problem": str(exc)}
    except ImportError as exc:
        return {"problem": f"{name}: needs {exc.name}, which is missing; install this program anew"}
    except MemoryError:
        return {"problem": f"{name}: needs more than {MAX_MEMORY_BYTES >> 20} MiB; split it"}
    # The libraries raise anything at all for a damaged file; here is the border of the process.
    except Exception as exc:  # noqa: BLE001
        reason = " ".join(f"{type(exc).__name__}: {exc}".split())[:_MAX_REASON]
        kind = PurePath(name).suffix.lstrip(".").upper()
        return {"problem": f"{name}: is damaged or no {kind} file ({reason}); save it anew"}


def parser_for(name: str) -> Parser:
    """The parser for a file's suffix; its library is loaded only now."""
    match PurePath(name).suffix.lower():
        case ".pdf":
            from rag.parsing.pdf import parse_pdf

            return parse_pdf
        case ".docx":
            from rag.parsing.docx import parse_docx

            return parse_docx
        case ".html" | ".htm" | ".xhtml":
            from rag.parsing.html import parse_html

            return parse_html
        case ".csv" | ".tsv":
            from rag.parsing.csv_files import parse_csv

            return parse_csv
        case ".xlsx" | ".xlsm":
            from rag.parsing.xlsx import parse_xlsx

            return parse_xlsx
        case suffix:
            raise DocumentError(f"{name}: there is no parser for {suffix}")
