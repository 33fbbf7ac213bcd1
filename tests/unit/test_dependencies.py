"""What is installed is what was tested: no other version, and no package that nobody chose."""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# A torch of another index than the tested one brings these; no code of ours loads them.
ACCELERATOR = re.compile(r"(nvidia|cuda|triton)\b.*")


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").split()
    return {
        canonicalize_name(name): version for name, _, version in (s.partition("==") for s in lines)
    }


def required_by(requirements: list[str], extras: set[str]) -> Iterator[Requirement]:
    for requirement in map(Requirement, requirements):
        environments = [{"extra": extra} for extra in (extras or {""})]
        if requirement.marker is None or any(map(requirement.marker.evaluate, environments)):
            yield requirement


def closure() -> dict[str, str]:
    """All packages that ours needs here, with the versions that are installed."""
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    waiting = [requirement for group in groups for requirement in required_by(group, set())]
    found: dict[str, str] = {}
    seen = set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        installed = metadata.distribution(requirement.name)
        found[key[0]] = installed.version
        waiting += required_by(installed.requires or [], requirement.extras)
    return {name: version for name, version in found.items() if not ACCELERATOR.fullmatch(name)}


@pytest.fixture(scope="module")
def needed() -> dict[str, str]:
    return closure()


def test_every_dependency_is_pinned_and_no_other(needed):
    assert set(pinned()) == set(needed)


def test_the_pinned_versions_are_installed(needed):
    # A local label, such as `+cpu`, tells the build and not the version.
    assert {name: version.partition("+")[0] for name, version in needed.items()} == pinned()


def test_constraints_name_versions_and_no_place_to_get_them_from():
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line


def test_what_is_loaded_by_our_own_code_is_required_by_name(needed):
    import ast
    import sys

    loaded = set()
    for path in [*(ROOT / "rag").rglob("*.py"), *(ROOT / "embeddings").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            loaded |= {name.partition(".")[0] for name in names}
    ours = {"rag", "embeddings"}
    owners = metadata.packages_distributions()
    strangers = {
        name
        for name in loaded - ours - set(sys.stdlib_module_names)
        if not {canonicalize_name(owner) for owner in owners.get(name, [])} & set(needed)
    }
    assert strangers == set()
