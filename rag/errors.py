"""Errors of the rag package: one child for each thing that a caller would handle differently.

RagError
├── ConfigError           a setting is out of range or unknown
├── DocumentError         a report cannot be read
├── QuestionError         a question or question file cannot be used
│   └── FilterError       the reports or years that a question is held to cannot be
├── IndexNotFoundError    there is no index in the folder
├── IndexCorruptError     the index on disk is not what was written
├── IndexMismatchError    the index was made with another model, chunker or format
├── IndexLockedError      another process is writing this index
├── ClusterError          a Ray cluster cannot be reached or fails
├── HistoryError          the file of conversations and feedback cannot be used
├── BackupError           a backup cannot be written, read or put in place
├── StoppingError         the server is being stopped and begins nothing new
├── QueueFullError        too many questions wait for their turn
├── DeadlineError         a question has waited too long and is not answered
└── ReaderError           the reader cannot be loaded or fails
"""


class RagError(Exception):
    """Anything that the caller of this package can be told in one line."""


class ConfigError(RagError):
    """A setting is out of range or unknown."""


class DocumentError(RagError):
    """A report cannot be read."""


class QuestionError(RagError):
    """A question, or a file of questions, cannot be used."""


class FilterError(QuestionError):
    """The reports or years that a question is held to cannot be.

    Args:
        field: `documents` or `years`.
        message: For the person who asked.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class IndexNotFoundError(RagError):
    """There is no index in the folder."""


class IndexCorruptError(RagError):
    """The index on disk is not what was written."""


class IndexMismatchError(RagError):
    """The index was made with another model, chunker or format."""


class IndexLockedError(RagError):
    """Another process is writing this index."""


class ClusterError(RagError):
    """A Ray cluster, or the package that it needs, cannot be reached, or it fails."""


class HistoryError(RagError):
    """The file of conversations and feedback, or what is asked of it, cannot be used."""


class BackupError(RagError):
    """A backup cannot be written, read or put in place."""


class StoppingError(RagError):
    """The server is being stopped and begins nothing new."""


class QueueFullError(RagError):
    """Too many questions wait for their turn."""


class DeadlineError(RagError):
    """A question has waited too long and is not answered."""


class ReaderError(RagError):
    """The reader cannot be loaded or fails."""
