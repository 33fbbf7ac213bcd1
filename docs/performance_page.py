"""Put what the benchmarks measured into the documentation: `python -m docs.performance_page`.

From each `benchmarks/results/NAME.json` comes what stands between the marks of NAME on a page, and
the picture `docs/images/performance/NAME.svg`. The rest of the pages is written by hand.
"""

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.record import RESULTS
from benchmarks.scale_plan import tables
from docs.performance_plots import Result, described, draw
from docs.performance_tables import told

_DOCS = Path(__file__).parent
PAGES = tuple(_DOCS / f"{name}.md" for name in ("performance", "retrieval", "scaling"))
PICTURES = _DOCS / "images" / "performance"
_BLOCK = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)


def main() -> None:
    """Draw the pictures and fill the pages."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    results = load_results()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures(results).items():
        (PICTURES / f"{name}.svg").write_bytes(picture)
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8"), results), encoding="utf-8")


def load_results(folder: Path = RESULTS) -> dict[str, Result]:
    """What was measured last, by the name of the benchmark."""
    paths = sorted(folder.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def pictures(results: Mapping[str, Result]) -> dict[str, bytes]:
    """The SVG files of those benchmarks that have a picture."""
    drawn = {name: draw(name, result) for name, result in results.items()}
    return {name: picture for name, picture in drawn.items() if picture is not None}


def filled(page: str, results: Mapping[str, Result]) -> str:
    """The page with what was measured between its marks."""
    return _BLOCK.sub(lambda found: found[1] + _block(found[2], results) + found[3], page)


def _block(name: str, results: Mapping[str, Result]) -> str:
    if name == "scale_plan":
        return f"{tables(results['many_chunks'], results['scale_constants'])}\n"
    if name not in results:
        return f"Not measured yet: `benchmarks/results/{name}.json` is missing.\n"
    shown, title = f"{told(name, results[name])}\n", described(name)
    return f"{shown}\n![{title}](images/performance/{name}.svg)\n" if title else shown


if __name__ == "__main__":
    main()
