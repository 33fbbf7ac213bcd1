"""A server in a process of its own, as `rag serve` runs it; started by `test_server_process.py`."""

import sys
import time
from pathlib import Path

from rag.accounts import Accounts, hash_password
from rag.interfaces import Interfaces
from rag.logs import configure_logs
from rag.ui.server import serve
from tests.browser.shelf_app import build
from tests.fakes import FakePipeline
from tests.serving import PASSWORD, TOKEN


def open_pipeline(seconds: float) -> FakePipeline:
    """Answers each question after `seconds`, or once there is a file `go` in this folder."""
    pipeline = build(0.0)
    ask = pipeline.ask

    def slow(question, **asked):
        if question == "fail":
            raise RuntimeError("broken")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not Path("go").exists():
            time.sleep(0.02)
        return ask(question, **asked)

    pipeline.ask = slow  # type: ignore[method-assign]  # It takes its time.
    return pipeline


def main(port: int, seconds: float, kind: str) -> None:
    configure_logs(verbose=True, form="json")
    accounts = Accounts()
    if kind == "locked":
        accounts = Accounts(TOKEN, {"anna": hash_password(PASSWORD)})
    serve(
        lambda: open_pipeline(seconds),
        port=port,
        interfaces=Interfaces(api=True),
        accounts=accounts,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
