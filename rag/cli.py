"""The `rag` command: parse the command line, run a subcommand, turn errors into one line.

Nothing heavy is imported before the command line is understood, so that `rag --help` is instant.
"""

import argparse
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from rag.config import load_config
from rag.controls import without_commands
from rag.errors import RagError
from rag.filters import ReportFilter
from rag.interfaces import Interfaces
from rag.logs import configure_logs
from rag.version import package_version

_FAILED, _INTERRUPTED, _BROKEN_PIPE, _TERMINATED = 1, 130, 141, 143
_SETTINGS = ("index", "encoder", "reader", "store", "device", "top_k", "strictness")


def main(argv: Sequence[str] | None = None) -> int:
    """Run `rag` with `argv` (default: the process's own) and give its exit code.

    0 done; 1 it failed, with one line on standard error; 2 wrong usage; 130 interrupted.
    SIGTERM ends it by SystemExit, code 143, so that nothing is left in temporary folders.
    """
    _use_utf8()
    arguments = build_parser().parse_args(argv)
    before = signal.signal(signal.SIGTERM, _end)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return _INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return _BROKEN_PIPE
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(_TERMINATED)


def build_parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    common = _common_options()
    parser = argparse.ArgumentParser(
        prog="rag",
        description="Ask a shelf of reports; get the answer with its exact place, or a refusal.",
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"rag {package_version()}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return subparsers.add_parser(name, help=text, description=text, parents=[common])

    _add_index_commands(add)
    _add_question_commands(add)
    _add_other_commands(add)
    return parser


_Add = Callable[[str, str], argparse.ArgumentParser]


def _add_index_commands(add: _Add) -> None:
    index = add("index", "Build or update the index over exactly the reports in files and folders.")
    index.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    index.add_argument("--rebuild", action="store_true", help="read and encode everything again")
    index.add_argument(
        "--ray",
        nargs="?",
        const="local",
        type=_ray_address,
        metavar="ADDRESS",
        help="read and encode on a Ray cluster: local (without ADDRESS), auto, HOST:PORT",
    )
    more = add("add", "Add reports to the index, or replace those that changed; the others stay.")
    more.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or folder")
    less = add("remove", "Take reports out of the index; their files stay.")
    less.add_argument("documents", nargs="+", metavar="DOCUMENT", help="the stem of its file")
    shelf = add("list", "List the reports of the index, and the files that were left out.")
    shelf.add_argument("--json", action="store_true", help="a record a line")
    add("verify", "Check every file of the index by its hash, and name those that are damaged.")
    add("repair", "Mend a damaged index as far as can be, and tell what was lost.")
    show = add("show", "Show what is known of a report in the index.")
    show.add_argument("document", metavar="DOCUMENT", help="the stem of its file")
    show.add_argument("--text", action="store_true", help="print its canonical text, no more")
    show.add_argument("--json", action="store_true")


def _add_question_commands(add: _Add) -> None:
    ask = add("ask", "Answer a question, or each question of a file.")
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", metavar="QUESTION")
    what.add_argument("--questions", type=Path, metavar="FILE", help='rows {"id", "question"}')
    ask.add_argument("--json", "--jsonl", dest="json", action="store_true", help="a record a line")
    ask.add_argument("--explain", action="store_true", help="tell how the answer came about, too")
    _add_filter(ask)
    read = add("read", "Let the reader alone answer from the passages of each row of a file.")
    read.add_argument(
        "--input",
        type=Path,
        metavar="FILE",
        required=True,
        help='rows {"id", "question", "passages": [text, ...]}',
    )
    read.add_argument("--jsonl", action="store_true", help="a record a line (always)")
    search = add("search", "List the passages nearest to a query.")
    search.add_argument("query", metavar="QUERY")
    search.add_argument("--json", action="store_true", help="a record a line")
    _add_filter(search)


def _add_filter(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("filter (after the question)")
    group.add_argument(
        "--documents",
        nargs="+",
        default=(),
        metavar="DOCUMENT",
        help="only these reports, by their ids in `rag list`",
    )
    group.add_argument(
        "--years",
        nargs="+",
        type=_year,
        default=(),
        metavar="YEAR",
        help="only reports that cover one of these years",
    )


def _ray_address(text: str) -> str:
    if text not in ("local", "auto") and not re.fullmatch(r"(ray://)?[^\s/]+:\d+", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no address; give local, auto or HOST:PORT, and paths before --ray"
        )
    return text


def _year(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no year; give it like 2019")
    return int(text)


def _add_other_commands(add: _Add) -> None:
    evaluate = add("eval", "Measure the answers to questions with gold answers.")
    evaluate.add_argument("--questions", type=Path, metavar="FILE", required=True)
    evaluate.add_argument("--json", action="store_true")
    evaluate.add_argument("--html", type=Path, metavar="FILE", help="also write a page with plots")
    alone = add("eval-reader", "Measure the reader alone on a file in the form of SQuAD.")
    alone.add_argument("--squad", type=Path, metavar="FILE", required=True)
    alone.add_argument("--limit", type=int, metavar="N", help="only the first N questions")
    alone.add_argument("--answers", type=Path, metavar="FILE", help="also write {id: answer}")
    alone.add_argument("--json", action="store_true")
    serve = add("serve", "Serve the chat page on this machine.")
    serve.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="index these first")
    serve.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    serve.add_argument("--port", default=7860, type=int, help="a free port (%(default)s)")
    serve.add_argument("--api", action="store_true", help="serve OpenAI's interface at /v1, too")
    serve.add_argument("--mcp", action="store_true", help="serve MCP tools at /mcp, too")
    user = add("user", "Say who may sign in to the page, and must from then on.")
    user.add_argument("action", choices=["add", "remove", "list"])
    user.add_argument("name", nargs="?", metavar="NAME")
    feedback = add("feedback", "Write the feedback that was given in the page into a file.")
    feedback.add_argument("action", choices=["export"])
    feedback.add_argument("file", type=Path, metavar="FILE", help=".jsonl for `rag eval`, or .csv")
    doctor = add("doctor", "Tell whether all is there that answering needs; exit code 1 if not.")
    doctor.add_argument("--json", action="store_true", help="a record a line")
    for name, text in (
        ("backup", "Write index, given files, conversations and feedback into one file."),
        ("restore", "Put a backup, once all of it is checked, in place of the shelf."),
    ):
        whole = add(name, text)
        whole.add_argument("file", type=Path, metavar="FILE")
        whole.add_argument("--force", action="store_true", help="replace what is there")
    add("schema", "Print the JSON schema of the records of `ask --json`.")
    info = add("info", "Print every setting and where it came from, versions, models and counts.")
    info.add_argument("--json", action="store_true")


def _common_options() -> argparse.ArgumentParser:
    # Left out of the result unless given: the defaults of the subcommand's copy would otherwise
    # overwrite what stands before the subcommand.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("settings (each also by RAG_*, such as RAG_INDEX)")
    group.add_argument("--index", type=Path, metavar="DIR", help="folder of the index")
    group.add_argument("--encoder", metavar="MODEL", help="sentence-transformers name or folder")
    group.add_argument("--reader", metavar="MODEL", help="Hugging Face seq2seq name or folder")
    group.add_argument(
        "--store",
        metavar="STORE",
        help="faiss, milvus (in the index folder) or milvus+URI (PATH.db, http://HOST:PORT)",
    )
    group.add_argument(
        "--device",
        choices=["auto", "cpu", "cuda"],
        help="where models compute; auto: on CUDA where there is a device for it",
    )
    group.add_argument("--top-k", type=int, metavar="N", help="passages to read")
    group.add_argument(
        "--strictness",
        type=float,
        metavar="P",
        help="withhold answers of lower confidence, 0 to 1; below 0: as fitted for the reader",
    )
    group.add_argument("--log-format", choices=["text", "json"], help="json: a record a line")
    group.add_argument("-v", "--verbose", action="store_true", help="tell what is being done")
    return common


def _run(arguments: argparse.Namespace) -> int:
    from embeddings.errors import EmbeddingsError

    configure_logs(
        verbose=getattr(arguments, "verbose", False),
        form=getattr(arguments, "log_format", "text"),
    )
    try:
        return _dispatch(arguments)
    except (RagError, EmbeddingsError) as exc:
        sys.stderr.write(f"rag: {without_commands(' '.join(str(exc).split()))}\n")
        return _FAILED


def _dispatch(arguments: argparse.Namespace) -> int:
    from rag import commands, feedback_commands, operation_commands, shelf_commands, user_commands
    from rag.invocation import Invocation

    given = {name: getattr(arguments, name) for name in _SETTINGS if hasattr(arguments, name)}
    config = load_config(**given)
    call = Invocation(config, given, getattr(arguments, "json", False))
    run: dict[str, Callable[[], int]] = {
        "index": lambda: shelf_commands.index(
            call, arguments.paths, rebuild=arguments.rebuild, ray_address=arguments.ray
        ),
        "add": lambda: shelf_commands.add(call, arguments.paths),
        "remove": lambda: shelf_commands.remove(call, arguments.documents),
        "list": lambda: shelf_commands.list_documents(call),
        "verify": lambda: shelf_commands.verify(call),
        "repair": lambda: shelf_commands.repair(call),
        "show": lambda: commands.show(call, arguments.document, only_text=arguments.text),
        "ask": lambda: commands.ask(
            call,
            arguments.question,
            arguments.questions,
            _held_to(arguments),
            is_explained=arguments.explain,
        ),
        "read": lambda: commands.read(call, arguments.input),
        "search": lambda: commands.search(call, arguments.query, _held_to(arguments)),
        "eval": lambda: commands.evaluate(call, arguments.questions, arguments.html),
        "eval-reader": lambda: commands.evaluate_reader(
            call, arguments.squad, arguments.limit, arguments.answers
        ),
        "serve": lambda: commands.serve(
            call, arguments.paths, arguments.host, arguments.port, _interfaces(arguments)
        ),
        "user": lambda: user_commands.change(call, arguments.action, arguments.name),
        "feedback": lambda: feedback_commands.export(call, arguments.file),
        "doctor": lambda: operation_commands.doctor(call),
        "backup": lambda: operation_commands.back_up(call, arguments.file, replace=arguments.force),
        "restore": lambda: operation_commands.restore(
            call, arguments.file, replace=arguments.force
        ),
        "schema": commands.schema,
        "info": lambda: commands.info(call),
    }
    return run[arguments.command]()


def _held_to(arguments: argparse.Namespace) -> ReportFilter:
    return ReportFilter.of(arguments.documents, arguments.years)


def _interfaces(arguments: argparse.Namespace) -> Interfaces:
    return Interfaces(arguments.api, arguments.mcp)


def _use_utf8() -> None:
    """Write UTF-8 whatever the locale; reports and questions are in any script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _drop_output() -> None:
    # Python flushes standard output once more as it ends, and would complain then.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
