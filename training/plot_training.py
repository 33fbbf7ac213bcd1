"""Draw the loss of a training run: `python -m training.plot_training RUN... --out FILE.png`."""

import argparse
import json
from pathlib import Path

from matplotlib.figure import Figure


def main() -> None:
    """Plot the smoothed loss of each run over the questions seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="folders with a log.jsonl")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    for run in given.runs:
        lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        axes.plot([x["questions"] for x in lines], [x["loss"] for x in lines], label=run.name)
    axes.set(xlabel="questions seen", ylabel="loss (running mean)")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(given.out, dpi=150)


if __name__ == "__main__":
    main()
