"""The page's scripts and styles, which lie beside its code."""

from importlib.resources import files


def asset(name: str) -> str:
    """The text of a file of the page, by its path in this package."""
    return files("rag.ui").joinpath(name).read_text(encoding="utf-8")
