from pathlib import Path

import pytest

from rag.history import Conversations, NewTurn
from rag.types import Answer

VERSIONS = {"reader": "r@1", "encoder": "e@1", "index": "gen-000007", "package": "0.1.0"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "conversations.sqlite3"


@pytest.fixture
def conversations(path: Path) -> Conversations:
    return Conversations(path)


def new_turn(
    answer: Answer, conversation_id: str = "a", turn_id: str = "", replaces: str = ""
) -> NewTurn:
    turn_id = turn_id or f"{conversation_id}-1"
    return NewTurn(conversation_id, turn_id, answer, None, VERSIONS, replaces)
