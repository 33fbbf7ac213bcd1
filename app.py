"""`python app.py`: the chat page over `seeds/`, built or updated first; see `rag serve --help`."""

import argparse
import sys
from pathlib import Path

from rag.cli import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--source", type=Path, default=Path(__file__).parent / "seeds")
    given, for_serve = parser.parse_known_args()
    sys.exit(main(["serve", str(given.source), *for_serve]))
