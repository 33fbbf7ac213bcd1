"""One cold start, stage by stage; `benchmarks.cold_start` runs it in a process of its own.

`python cold_start_stages.py BEGAN INDEX QUESTION`: does what `rag ask` does with the `rag` that is
found on the path, which may be an older one, and prints a JSON object: by stage, the seconds by the
clock (`wall`) and of the processor, all threads together (`cpu`). BEGAN is the parent's
`time.perf_counter()`, so that the start of Python counts too.

program: Python, and our own code without the libraries; imports: torch, transformers and
sentence-transformers; opening: encoder, index and reader, as far as it is not done beside the
imports; answer: the first question.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path


class Stages:
    """Seconds of each stage; what a stage holds inside of it is told apart."""

    def __init__(self, began: float) -> None:
        self.seconds: dict[str, dict[str, float]] = {}
        self._wall, self._cpu = began, 0.0

    def end(self, name: str) -> None:
        """What went by since the last end was `name`."""
        wall, cpu = time.perf_counter(), time.process_time()
        told = self.seconds.setdefault(name, {"wall": 0.0, "cpu": 0.0})
        told["wall"] += wall - self._wall
        told["cpu"] += cpu - self._cpu
        self._wall, self._cpu = wall, cpu


def main() -> None:
    """Open the index, ask, and tell the stages."""
    began, index, question = float(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    stages = Stages(began)
    import rag.commands
    import rag.opening
    from rag import RagPipeline, load_config

    stages.end("program")
    _tell_imports(stages)
    pipeline = RagPipeline.open(None, config=replace(load_config(), index=index))
    stages.end("opening")
    pipeline.ask(question)
    stages.end("answer")
    print(json.dumps({"package": str(Path(rag.__file__).parent), "stages": stages.seconds}))


def _tell_imports(stages: Stages) -> None:
    """Have the imports told apart; a version that does nothing beside them imports here."""
    try:
        import embeddings.start as start
    except ImportError:
        import sentence_transformers  # noqa: F401
        from transformers import BertModel  # noqa: F401

        stages.end("imports")
        return
    import_lasting: Callable[..., None] = start.import_lasting

    def told(*names: str) -> None:
        stages.end("opening")
        import_lasting(*names)
        stages.end("imports")

    start.import_lasting = told


if __name__ == "__main__":
    main()
