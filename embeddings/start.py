"""What loading the bundled encoder can do while Python imports the libraries for it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from embeddings.lasting import import_lasting
from embeddings.pieces import pieces_in
from embeddings.weights import bundled_model


def bundled_model_beside_imports(cache_dir: Path | None) -> Path:
    """As `bundled_model`; meanwhile imports what the encoder is made of, and reads its tokenizer.

    Importing keeps Python itself busy for seconds; hashing and reading files do not need it.
    """
    with ThreadPoolExecutor(1) as beside:
        folder = beside.submit(bundled_model, cache_dir)
        # Whatever is wrong with the tokenizer is told when the encoder takes it.
        beside.submit(lambda: pieces_in(folder.result()))
        import_lasting("sentence_transformers", "transformers.models.bert.modeling_bert")
        return folder.result()
