"""The reader that the settings name."""

from embeddings.offline import go_offline
from rag.config import RagConfig
from rag.reader.base import Reader


def load_reader(config: RagConfig) -> Reader:
    """The bundled copying reader, or any sequence-to-sequence model by name or path.

    Raises:
        ReaderError: It cannot be loaded.
    """
    go_offline()
    if config.reader:
        from rag.reader.hf import Seq2SeqReader

        return Seq2SeqReader(config.reader)
    from rag.reader.copying import CopyReader

    return CopyReader.load()
