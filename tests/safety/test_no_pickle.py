"""No file can carry code into the program: no pickle, no code of a model, only safetensors."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SOURCES = [
    path
    for folder in ("rag", "embeddings", "training")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
_FORBIDDEN = {"allow_pickle": True, "trust_remote_code": True, "weights_only": False}
_METHODS = {"read_pickle", "to_pickle", "load_pickle"}


def dangers(tree: ast.AST) -> Iterator[str]:
    """What could run code out of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names]
            module = getattr(node, "module", None) or ""
            for name in (module, *named):
                if name.split(".")[0] in _MODULES:
                    yield f"line {node.lineno}: imports {name}"
        elif isinstance(node, ast.Call):
            yield from _dangers_of_call(node)


def _dangers_of_call(node: ast.Call) -> Iterator[str]:
    called = ast.unparse(node.func)
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    for name, value in named.items():
        if name in _FORBIDDEN and not _is(value, not _FORBIDDEN[name]):
            yield f"line {node.lineno}: {called} with {name}={ast.unparse(value)}"
    if called == "torch.load" and not _is(named.get("weights_only"), True):
        yield f"line {node.lineno}: torch.load without weights_only=True"
    if called in ("np.load", "numpy.load") and not _is(named.get("allow_pickle"), False):
        yield f"line {node.lineno}: {called} without allow_pickle=False"
    if called.rpartition(".")[2] in _METHODS:
        yield f"line {node.lineno}: {called}"


def _is(value: ast.expr | None, expected: bool) -> bool:
    return isinstance(value, ast.Constant) and value.value is expected


@pytest.mark.parametrize("path", _SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_file_loads_code_from_data(path: Path):
    assert list(dangers(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "import torch\ntorch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path)",
        "np.load(path, allow_pickle=chosen)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
        "frame.read_pickle(path)",
    ],
)
def test_each_danger_would_be_found(code: str):
    assert list(dangers(ast.parse(code)))


def test_no_pickle_or_torch_archive_is_part_of_the_product():
    kinds = {".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib", ".npz"}
    folders = [ROOT / name for name in ("rag", "embeddings", "training", "seeds")]
    assert [p for folder in folders for p in folder.rglob("*") if p.suffix in kinds] == []
