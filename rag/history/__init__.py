"""What was asked, answered and said of the answers, kept in one SQLite file."""

from rag.history.conversations import (
    Conversation,
    Conversations,
    Heading,
    KeptTurn,
    NewTurn,
)
from rag.history.database import copy_file, problem_of
from rag.history.feedback import Feedback, Rating, Verdict
from rag.history.owners import file_of, files_of_all
from rag.history.records import AnswerRecord

__all__ = [
    "AnswerRecord",
    "Conversation",
    "Conversations",
    "Feedback",
    "Heading",
    "KeptTurn",
    "NewTurn",
    "Rating",
    "Verdict",
    "copy_file",
    "file_of",
    "files_of_all",
    "problem_of",
]
