"""The wheel's own engine, compiled from the C source that it carries; and its reference vectors.

`python -m tests.engine` writes the reference files anew (it needs a C compiler).
"""

import ctypes
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.weights import BUNDLED_SHA256, find_packed_file

REFERENCE = Path(__file__).parent / "data" / "engine_reference.json"
DIM = 384
TEXTS = (
    "青石县2018年有多少建档立卡贫困人口？",
    "2019年全县地区生产总值85.6亿元，同比增长5.2%，农民人均可支配收入9,800元～10,200元。",
    "（一）基本情况　　县委、县政府高度重视扶贫工作，投入资金１２３４．５万元，①新建道路㎡。",
    "How many households were registered as poor in 2018?",
    "The county reported 37,121 households, a fall of 2.5% on the year before.",
    "青石县 Qingshi County 共有 37,121户 households，GDP growth 5.2%。",
    "党的十九大以来\n\n\t坚持“精准扶贫”——脱贫攻坚…《意见》【要求】",
    "Ｆｕｌｌｗｉｄｔｈ ｔｅｘｔ，ﬁne ligatures and\u200bzero\u00a0width spaces…",
    "繁體中文：貧困戶、產業發展與醫療衛生。",
    "ひらがなとカタカナ 그리고 한국어 и русский",
    "😀 emoji and a rare character 鿿 in it",
    "x",
    "",
)

_SOURCE = """
#include "e5.c"
int e5_token_ids(e5_model *m, const char *text, int *ids, int capacity) {
    int n = tok_content(&m->tok, text, ids + 1, capacity - 2);
    ids[0] = m->tok.bos;
    ids[n + 1] = m->tok.eos;
    return n + 2;
}
"""


def compiler() -> str | None:
    """The C compiler's path, if there is one."""
    return shutil.which("cc")


class Engine:
    """Tokens and vectors as the wheel's engine makes them."""

    def __init__(self, folder: Path) -> None:
        packed = find_packed_file()
        source, library = folder / "engine.c", folder / "engine.so"
        source.write_text(_SOURCE, encoding="utf-8")
        flags = ["-O2", "-shared", "-fPIC", f"-I{packed.parent}"]
        command = [str(compiler()), *flags, str(source), "-o", str(library), "-lm"]
        subprocess.run(command, check=True, capture_output=True)
        self._library = ctypes.CDLL(str(library))
        self._library.e5_load.restype = ctypes.c_void_p
        self._model = ctypes.c_void_p(self._library.e5_load(str(packed).encode()))

    def token_ids(self, text: str) -> list[int]:
        raw = text.encode("utf-8")
        ids = (ctypes.c_int * (len(raw) + 4))()
        n_ids = self._library.e5_token_ids(self._model, raw, ids, len(ids))
        return list(ids[:n_ids])

    def embed(self, text: str, *, is_query: bool) -> NDArray[np.float32]:
        out = np.empty(DIM, np.float32)
        pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._library.e5_embed(self._model, text.encode("utf-8"), int(is_query), pointer)
        return out


@dataclass(frozen=True)
class Reference:
    """What the engine gave for `TEXTS`.

    Attributes:
        weights: SHA-256 of the weights file it was made with.
        texts: The texts.
        token_ids: Of `passage: ` and the text.
        queries: `(n, 384)`.
        passages: `(n, 384)`.
    """

    weights: str
    texts: list[str]
    token_ids: list[list[int]]
    queries: NDArray[np.float32]
    passages: NDArray[np.float32]


def read_reference() -> Reference:
    described = json.loads(REFERENCE.read_text(encoding="utf-8"))
    vectors = np.load(REFERENCE.with_suffix(".npy"), allow_pickle=False).astype(np.float32)
    return Reference(**described, queries=vectors[0], passages=vectors[1])


def write_reference() -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder))
        vectors = [[engine.embed(text, is_query=q) for text in TEXTS] for q in (True, False)]
        described = {
            "weights": BUNDLED_SHA256,
            "texts": TEXTS,
            "token_ids": [engine.token_ids("passage: " + text) for text in TEXTS],
        }
    content = json.dumps(described, ensure_ascii=False, indent=1)
    REFERENCE.write_text(content + "\n", encoding="utf-8")
    # Half precision: its error is far under the tolerance of 0.001, and the file half as large.
    np.save(REFERENCE.with_suffix(".npy"), np.array(vectors, np.float16), allow_pickle=False)


if __name__ == "__main__":
    write_reference()
