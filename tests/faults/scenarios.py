"""What is interrupted: each change of the shelf and of the conversations, on a small shelf."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import rag.updates
from rag.config import RagConfig
from rag.errors import IndexNotFoundError
from rag.history import Conversations, Feedback, NewTurn, Verdict
from rag.index import Index
from rag.intake import Progress, take_in, take_out
from rag.keeping import discard, settle
from rag.opening import open_index
from rag.repair import repair_index
from rag.shelf import add_documents, list_documents, remove_documents
from rag.types import Document
from rag.uploads import stage, uploaded_files
from tests.fakes import HashEncoder, make_answer

ROADS = "溪口县道路报告\n2019年，溪口县修路300公里，架桥12座。"
WATER = "白水镇饮水报告\n2020年，白水镇通水5村。"
HILLS = "甲县茶园报告\n2018年，甲县种茶800亩。"
QUERIES = ("修路多少公里", "通水几村", "种茶多少亩")
_TURN = "溪口县修路300公里。"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A change, with what is there before it.

    Attributes:
        prepare: Makes the state before the change in an empty folder.
        run: Makes the change.
        state: All that a reader then sees, as one text.
        go_on: Another change, after which all is well again; what it did is in `state`.
    """

    prepare: Callable[[Path], None]
    run: Callable[[Path], None]
    state: Callable[[Path], str]
    go_on: Callable[[Path], None]


def config_of(folder: Path) -> RagConfig:
    """The settings of a shelf in `folder`."""
    return RagConfig(index=folder / "data" / "index", chunk_chars=60)


def put(folder: Path, name: str, text: str) -> Path:
    """A report file, outside of what the product writes."""
    path = folder / "reports" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def view(index: Index) -> str:
    """All that answers are made of, in one generation, as a short text that tells the reports."""
    rows = HashEncoder().encode_queries(QUERIES)
    found = [
        index.store.search(rows, 3),
        index.windows.search(rows, 3),
        [index.lexical.search(query, 3) for query in QUERIES],
    ]
    for chunk in index.chunks.values():
        if chunk.span.of(index.documents[chunk.document_id].text) != chunk.text:
            return f"WRONG CITATION in {chunk.document_id}"
    whole = repr((dict(index.documents), dict(index.chunks), index.manifest.sources, found))
    return f"{','.join(index.documents)} {hashlib.sha256(whole.encode()).hexdigest()[:12]}"


def shelf_state(folder: Path) -> str:
    """What a person sees of the shelf who opens it for questions, and the given files."""
    config = config_of(folder)
    settle(config)  # As `rag serve` and each later change do.
    files = {p.name: p.read_text(encoding="utf-8") for p in uploaded_files(config)}
    try:
        index = open_index([], HashEncoder(), config)
    except IndexNotFoundError:
        return json.dumps(["no index", files], ensure_ascii=False)
    listed = [(entry.document_id, entry.status) for entry in list_documents(config)]
    return json.dumps([view(index), listed, files], ensure_ascii=False)


def add(folder: Path, name: str, text: str) -> None:
    """Put a report on the shelf."""
    add_documents([put(folder, name, text)], HashEncoder(), config_of(folder))


def _before(name: str, text: str, prepare: Callable[[Path], None]) -> Callable[[Path], None]:
    """What `prepare` makes, and a report file of the person's own, not yet on the shelf."""

    def prepared(folder: Path) -> None:
        prepare(folder)
        put(folder, name, text)

    return prepared


def _add_file(folder: Path, name: str) -> None:
    add_documents([folder / "reports" / name], HashEncoder(), config_of(folder))


def _give_file(folder: Path, name: str) -> None:
    """As the page does with a file that was dropped on it."""
    incoming = stage(folder / "reports" / name, config_of(folder))
    try:
        take_in([incoming], HashEncoder(), config_of(folder), _tell_nobody)
    finally:
        discard(incoming)


def _two_generations(folder: Path) -> None:
    add(folder, "roads.txt", ROADS)
    add(folder, "water.txt", WATER)


def _add_another(folder: Path) -> None:
    add(folder, "another.txt", "乙县公路报告\n2017年，乙县修路20公里。")


def _give(folder: Path, name: str, text: str) -> None:
    put(folder, name, text)
    _give_file(folder, name)


def _tell_nobody(numbers: object, progress: Progress) -> None:
    pass


def _with_given(folder: Path) -> None:
    _two_generations(folder)
    _give(folder, "tea.txt", HILLS)


def _give_another(folder: Path) -> None:
    _give(folder, "another.txt", "乙县公路报告\n2017年，乙县修路20公里。")


def _build(folder: Path, *, rebuild: bool = False) -> None:
    config = config_of(folder)
    open_index([folder / "reports"], HashEncoder(), config, rebuild=rebuild)


def _reports(folder: Path) -> None:
    put(folder, "roads.txt", ROADS)
    put(folder, "water.txt", WATER)


def _shelf(
    run: Callable[[Path], object],
    prepare: Callable[[Path], None] = _two_generations,
    go_on: Callable[[Path], None] = _add_another,
) -> Scenario:
    return Scenario(prepare, lambda folder: (run(folder), None)[1], shelf_state, go_on)


def _turn(conversation: str, number: int, replaces: str = "") -> NewTurn:
    document = Document("roads", "0", ROADS, "溪口县道路报告")
    answer = make_answer(f"问{number}", document, ROADS[8:], ROADS[8:], "300公里")
    return NewTurn(conversation, f"{conversation}-{number}", answer, None, {}, replaces)


def _history(folder: Path) -> Path:
    return config_of(folder).history_file


def _talk(folder: Path, conversation: str = "a", number: int = 1, replaces: str = "") -> None:
    Conversations(_history(folder)).add(_turn(conversation, number, replaces))


def _two_talks(folder: Path) -> None:
    for conversation, number in (("a", 1), ("a", 2), ("b", 1)):
        _talk(folder, conversation, number)
    Feedback(_history(folder)).give("a-1", Verdict.WRONG, "不对")


def history_state(folder: Path) -> str:
    """Every conversation with its turns, and all feedback; no times."""
    talks, seen = Conversations(_history(folder)), []
    for heading in sorted(talks.headings(), key=lambda heading: heading.conversation_id):
        turns = talks.load(heading.conversation_id, {}).turns
        shown = [(t.turn_id, t.number, t.answer.question, t.verdict) for t in turns]
        seen.append([heading.conversation_id, heading.title, shown])
    ratings = [(r.verdict, r.reason, r.record["id"]) for r in Feedback(_history(folder)).ratings()]
    return json.dumps([seen, sorted(ratings)], ensure_ascii=False)


def _history_change(
    run: Callable[[Path], None], prepare: Callable[[Path], None] = _two_talks
) -> Scenario:
    return Scenario(prepare, run, history_state, lambda folder: _talk(folder, "z", 9))


def _nothing(folder: Path) -> None:
    pass


def _as_if_large(run: Callable[[Path], None]) -> Callable[[Path], None]:
    """The change with the segments that are there kept, as those of a large shelf are."""

    def changed(folder: Path) -> None:
        with patch.object(rag.updates, "SMALL_SEGMENT", 0):
            run(folder)

    return changed


def _remove(folder: Path) -> None:
    remove_documents(["water"], config_of(folder))


def _damaged(folder: Path) -> None:
    _two_generations(folder)
    (config_of(folder).index / "gen-000002" / "chunks.jsonl").write_bytes(b"")


def _repair(folder: Path) -> None:
    repair_index(config_of(folder), HashEncoder)


def _repair_and_add(folder: Path) -> None:
    _repair(folder)
    _add_another(folder)


def _rename(folder: Path) -> None:
    Conversations(_history(folder)).rename("a", "道路")


def _delete(folder: Path) -> None:
    Conversations(_history(folder)).delete("a")


def _rate(folder: Path) -> None:
    Feedback(_history(folder)).give("b-1", Verdict.RIGHT)


def _withdraw(folder: Path) -> None:
    Feedback(_history(folder)).withdraw("a-1")


SHELF: Mapping[str, Scenario] = {
    "build": _shelf(_build, _reports),
    "add": _shelf(
        lambda folder: _add_file(folder, "hills.txt"), _before("hills.txt", HILLS, _two_generations)
    ),
    "add to a large shelf": _shelf(
        _as_if_large(lambda folder: _add_file(folder, "hills.txt")),
        _before("hills.txt", HILLS, _two_generations),
    ),
    "replace": _shelf(
        lambda folder: _add_file(folder, "roads.txt"),
        _before("roads.txt", ROADS + "又修桥一座。", _two_generations),
    ),
    "remove": _shelf(_remove),
    "rebuild": _shelf(
        lambda folder: _build(folder, rebuild=True), _before("hills.txt", HILLS, _two_generations)
    ),
    "give": _shelf(
        lambda folder: _give_file(folder, "new.txt"),
        _before("new.txt", HILLS, _two_generations),
        _give_another,
    ),
    "give again": _shelf(
        lambda folder: _give_file(folder, "tea.txt"),
        _before("tea.txt", HILLS + "又种桑20亩。", _with_given),
        _give_another,
    ),
    "take out": _shelf(
        lambda folder: take_out(["tea"], config_of(folder)), _with_given, _give_another
    ),
}
HISTORY: Mapping[str, Scenario] = {
    "first turn": _history_change(_talk, _nothing),
    "next turn": _history_change(lambda folder: _talk(folder, "a", 3)),
    "asked anew": _history_change(lambda folder: _talk(folder, "a", 3, "a-2")),
    "rename": _history_change(_rename),
    "delete": _history_change(_delete),
    "feedback": _history_change(_rate),
    "withdraw": _history_change(_withdraw),
}
MENDING: Mapping[str, Scenario] = {"repair": _shelf(_repair, _damaged, _repair_and_add)}
SCENARIOS: Mapping[str, Scenario] = {**SHELF, **HISTORY, **MENDING}
