"""A virtual environment for each system, with the versions pinned beside this file."""

import hashlib
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_INSTALL_SECONDS = 1800
_DONE = "installed.sha256"


class EnvironmentFailure(Exception):
    """An environment could not be made; the message is the end of what pip said."""


def requirements_of(name: str) -> Path:
    """The file of pinned versions for the environment `name`."""
    return _HERE / f"{name}.txt"


def prepare(name: str, work: Path) -> Path:
    """The Python of an environment in `work` with the requirements of `name` installed.

    What an earlier call made is used again while the requirements are the same. Packages come
    from where pip is configured to take them.

    Raises:
        EnvironmentFailure: It cannot be made.
    """
    requirements, folder = requirements_of(name), work / "environments" / name
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    python, done = folder / "bin" / "python", folder / _DONE
    if done.exists() and done.read_text(encoding="ascii") == wanted:
        return python
    _call([sys.executable, "-m", "venv", "--clear", str(folder)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _call([*pip, "--requirement", str(requirements)])
    done.write_text(wanted, encoding="ascii")
    return python


def _call(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired as exc:
        raise EnvironmentFailure(f"gave up after {_INSTALL_SECONDS} s: {command[2]}") from exc
    if done.returncode:
        raise EnvironmentFailure(last_line(done.stderr) or f"exit status {done.returncode}")


def last_line(text: str) -> str:
    """The last line of what a program said that is not blank; empty if it said nothing."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
