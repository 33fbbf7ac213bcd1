"""Pack a trained checkpoint for shipping: half precision, shards under 45 MB, hashes.

`python -m training.pack_reader CHECKPOINT OUT`
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import torch

from rag.reader.abstention import UNCALIBRATED
from rag.reader.model import CopyingReader

_MAX_SHARD = "40MB"


def main() -> None:
    """Write the model, its vocabulary, an empty calibration and the hashes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for old in given.out.glob("*.safetensors"):
        old.unlink()
    model = CopyingReader.from_pretrained(
        given.checkpoint, local_files_only=True, dtype=torch.float16
    )
    model.save_pretrained(given.out, max_shard_size=_MAX_SHARD)
    shutil.copy(given.checkpoint / "vocabulary.json", given.out)
    if not (given.out / "calibration.json").exists():
        UNCALIBRATED.save(given.out / "calibration.json")
    names = ("config.json", "vocabulary.json")
    packed = [*sorted(given.out.glob("model*")), *(given.out / name for name in names)]
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in packed}
    (given.out / "hashes.json").write_text(json.dumps(hashes, indent=2) + "\n")
    for path in sorted(given.out.iterdir()):
        print(f"{path.stat().st_size / 1e6:8.2f} MB {path.name}")


if __name__ == "__main__":
    main()
