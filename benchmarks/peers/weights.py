"""The encoder's weights as a folder that any library loads, in float32 as E5 is published."""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from embeddings import bundled_model

_WEIGHTS, _CONFIG, _MANIFEST = "model.safetensors", "config.json", "manifest.json"


def write_float32(folder: Path) -> Path:
    """Write the bundled encoder into `folder`, its numbers in float32; gives back `folder`.

    The product's own copy is in float16, to be read in another precision. The others would compute
    in it, which processors do slowly: that would be our choice, not their default.
    """
    source = bundled_model()
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(_MANIFEST))
    tensors = load_file(source / _WEIGHTS)
    wide = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    save_file(wide, folder / _WEIGHTS, metadata={"format": "pt"})
    config = json.loads((source / _CONFIG).read_text(encoding="utf-8"))
    text = json.dumps({**config, "dtype": "float32"}, indent=2)
    (folder / _CONFIG).write_text(text, encoding="utf-8")
    return folder


def main() -> None:
    """`python -m benchmarks.peers.weights DIR`: write them into DIR."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    write_float32(parser.parse_args().folder)


if __name__ == "__main__":
    main()
