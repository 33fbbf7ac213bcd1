"""Ask a shelf of reports a question, offline, and get the answer with its exact place."""

from rag.config import RagConfig, load_config
from rag.errors import RagError
from rag.explanation import Explanation
from rag.pipeline import RagPipeline
from rag.types import Answer, Chunk, Citation, Document, Passage, Section, Span, Stage

__all__ = [
    "Answer",
    "Chunk",
    "Citation",
    "Document",
    "Explanation",
    "Passage",
    "RagConfig",
    "RagError",
    "RagPipeline",
    "Section",
    "Span",
    "Stage",
    "load_config",
]
