"""Imports point one way, public names are what they say, and the command line starts light."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("embeddings", "rag")
LEAVES = {"rag.types", "rag.errors", "rag.config"}
OUTSIDE = ("app", "benchmarks", "tests", "training")
HEAVY = {"faiss", "gradio", "matplotlib", "sentence_transformers", "torch", "transformers"}
PARSERS = {"bs4", "docx", "lxml", "openpyxl", "pypdf", "pypdfium2"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for name in PACKAGES for path in (ROOT / name).rglob("*.py")}


def imported_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(module: str, *, only_on_load: bool = False) -> set[str]:
    """Our modules, and the roots of others, that `module` imports."""
    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    if only_on_load:
        # What stands in functions and under `if TYPE_CHECKING` is not imported on loading.
        kept: list[ast.stmt] = [
            node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        tree = ast.Module(kept, [])
    return {owner(name) for name in imported_names(tree)}


def owner(name: str) -> str:
    while name not in SOURCES and "." in name:
        name = name.rpartition(".")[0]
    return name


def is_within(module: str, *packages: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in packages)


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_packages_never_import_what_is_built_on_them(module):
    above = [*OUTSIDE, "rag"] if is_within(module, "embeddings") else OUTSIDE
    assert not {name for name in imports_of(module) if is_within(name, *above)}


@pytest.mark.parametrize("module", sorted(LEAVES))
def test_values_errors_and_settings_import_only_each_other(module):
    ours = {name for name in imports_of(module) if is_within(name, *PACKAGES)}
    assert ours <= LEAVES


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        ("rag.cli", {"rag.__main__"}),
        ("rag.commands", {"rag.cli"}),
        ("rag.shelf_commands", {"rag.cli"}),
        ("rag.ui", {"rag.commands", "rag.ui"}),
        ("rag.pipeline", {"rag", "rag.commands", "rag.ui"}),
    ],
)
def test_only_the_layer_above_imports(target, allowed):
    users = {m for m in SOURCES if any(is_within(name, target) for name in imports_of(m))}
    strangers = {m for m in users if m not in allowed and not is_within(m, target)}
    assert not {m for m in strangers if not (is_within(m, "rag.ui") and "rag.ui" in allowed)}


def test_modules_do_not_import_each_other_in_a_circle():
    graph = {m: imports_of(m, only_on_load=True) - {m} for m in SOURCES}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(
    "package", sorted(name for name, path in SOURCES.items() if path.stem == "__init__")
)
def test_all_is_sorted_and_true(package):
    module = importlib.import_module(package)
    tree = ast.parse(SOURCES[package].read_text(encoding="utf-8"))
    own = {n.rpartition(".")[2] for n in imported_names(tree) if is_within(n, package)}
    exported = getattr(module, "__all__", [])
    assert list(exported) == sorted(exported)
    assert own <= set(exported), "what __init__ takes from its own package, it exports"
    assert all(hasattr(module, name) for name in exported)


def test_importing_every_module_loads_no_optional_package():
    ours = [name for name in SOURCES if name.partition(".")[0] in ("rag", "embeddings")]
    wanted = [name for name in ours if not name.endswith("__main__")]
    script = f"import sys, {', '.join(wanted)}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"pymilvus", "milvus_lite", "ray"} & set(done.stdout.split())


def test_command_line_loads_no_heavy_library():
    script = "import sys, rag.cli; rag.cli.build_parser(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not (HEAVY | PARSERS) & set(done.stdout.split())
