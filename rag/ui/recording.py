"""Between the turns of the page and those that are kept."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from rag.errors import HistoryError
from rag.history import Conversation, Conversations, NewTurn
from rag.ui.conversation import MAX_TURNS, Turn, Turns
from rag.ui.problems import told

logger = logging.getLogger(__name__)


Record = Callable[[Turn, Mapping[str, str], str], Turn]
"""Keeps a turn that was answered by the given versions, for a user."""


def recorder(conversations: Conversations) -> Record:
    """What keeps an answered turn and gives it back, with the reason if it could not be kept."""

    def record(turn: Turn, versions: Mapping[str, str], user: str) -> Turn:
        assert turn.answer is not None
        kept = NewTurn(
            turn.conversation_id,
            turn.turn_id,
            turn.answer,
            turn.explanation,
            versions,
            turn.replaces,
        )
        try:
            conversations.of(user).add(kept)
        except HistoryError as exc:
            logger.warning("not kept: %s", exc)
            return replace(turn, unkept=told(exc))
        return turn

    return record


def turns_of(conversation: Conversation) -> Turns:
    """The latest turns of a kept conversation, as the page shows them and goes on from them."""
    conversation_id = conversation.heading.conversation_id
    return tuple(
        Turn(
            kept.number,
            kept.answer.question,
            answer=kept.answer,
            conversation_id=conversation_id,
            turn_id=kept.turn_id,
            verdict=kept.verdict,
        )
        for kept in conversation.turns[-MAX_TURNS:]
    )
