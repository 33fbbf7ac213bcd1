from pathlib import Path

import pytest

from embeddings.conversion import convert
from tests.packed_model import tiny_tensors, write_packed_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model, converted as the bundled one is."""
    folder = tmp_path_factory.mktemp("model")
    source = write_packed_model(tmp_path_factory.mktemp("source") / "model.bin", tiny_tensors())
    convert(source, folder)
    return folder
