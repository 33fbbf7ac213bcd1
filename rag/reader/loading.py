"""The reader that the settings name."""

from pathlib import Path

from embeddings.lasting import import_lasting
from embeddings.offline import go_offline
from rag.config import RagConfig
from rag.reader.base import Reader

BUNDLED_READER = Path(__file__).parent.parent / "assets" / "reader"
PACKED_MARK = "hashes.json"
"""The file that tells a packed copying reader from other models."""


def load_reader(config: RagConfig) -> Reader:
    """The bundled copying reader, another packed one, or any sequence-to-sequence model.

    Raises:
        ReaderError: It cannot be loaded.
        DeviceNotFoundError: There is no CUDA device, and `device` is `cuda`.
    """
    go_offline()
    import_lasting("transformers.modeling_utils")
    folder = Path(config.reader)
    if config.reader and not (folder / PACKED_MARK).is_file():
        from rag.reader.hf import Seq2SeqReader

        return Seq2SeqReader(config.reader, config.device)
    from rag.reader.copying import CopyReader

    return CopyReader.load(folder if config.reader else BUNDLED_READER, config.device)
