"""Who may enter a server: named users with passwords, and programs with a token.

The file of users holds a line for each: a name, a space, and `scrypt$SALT$HASH` of the password
(RFC 7914; salt and hash in hex). It holds no password.
"""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from rag.config import RagConfig, load_api_token
from rag.durable import make_folder, sync
from rag.errors import ConfigError

MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 256
LOCAL_USER = ""
"""Whoever enters where nobody has to sign in, or by the token."""

# Part of file names, thus so plain.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_RECORD = re.compile(r"scrypt\$([0-9a-f]{32})\$([0-9a-f]{64})")
# 16 MiB and some 50 ms: little for a person who signs in, much for one who guesses.
_COST: Mapping[str, int] = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}
# A change takes milliseconds; who holds the file longer hangs.
_LOCK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who may enter. Neither token nor hashes are ever printed.

    Attributes:
        token: What programs send as bearer token; a person signs in with it, too, without a name.
            Empty means none.
        users: The record of each user's password, by name.
    """

    token: str = field(default="", repr=False)
    users: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def are_demanded(self) -> bool:
        """True if nobody enters without signing in."""
        return bool(self.token or self.users)

    def is_token(self, given: str) -> bool:
        """True if `given` is the token; takes as long for a wrong one as for the right one."""
        same = secrets.compare_digest(_bytes(given), _bytes(self.token))
        return bool(self.token) and same

    def user(self, name: str, secret: str) -> str | None:
        """The name of whoever signs in so; None if that is nobody. Slow, as it should be.

        An unknown name takes as long as a known one.
        """
        if not name.strip():
            return LOCAL_USER if self.is_token(secret) else None
        name = name.strip().lower()
        is_right = _is_password(secret, self.users.get(name, _NOBODY))
        return name if is_right and name in self.users else None


def load_accounts(config: RagConfig) -> Accounts:
    """Who may enter as `RAG_API_TOKEN` and the file of users say.

    Raises:
        ConfigError: One of them cannot be used.
    """
    return Accounts(load_api_token(), read_users(config.users_file))


def read_users(path: Path) -> dict[str, str]:
    """The records of the file by name; none if there is no file.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"cannot read the users in {path}: {exc}") from exc
    users = {}
    for number, line in enumerate(lines, 1):
        name, _, record = line.partition(" ")
        if not _NAME.fullmatch(name) or not _RECORD.fullmatch(record):
            # The line itself is not told: it may hold a password that was typed into the file.
            raise ConfigError(
                f"{path}, line {number}, is no user; remove it, then run: rag user add NAME"
            )
        users[name] = record
    return users


@contextmanager
def changing_users(path: Path) -> Iterator[dict[str, str]]:
    """The records of the file by name; as the caller leaves them, they are written at the end.

    Other processes that change it wait meanwhile: of two that read the same file, the second to
    write would undo what the first one did.

    Raises:
        ConfigError: The file cannot be read or written, or another process holds it.
    """
    # Beside the file, which is replaced by each change.
    own = path.with_name(f".{path.name}.lock")
    lock = FileLock(own, timeout=_LOCK_SECONDS, mode=0o600)
    try:
        make_folder(path.parent)
        lock.acquire()
    except Timeout as exc:
        raise ConfigError(
            f"another process is changing the users in {path}; try again when it has ended"
        ) from exc
    except OSError as exc:
        raise ConfigError(f"cannot write the users into {path}: {exc.strerror}") from exc
    try:
        users = read_users(path)
        yield users
        _write_users(path, users)
    finally:
        lock.release()


def _write_users(path: Path, users: Mapping[str, str]) -> None:
    """Put a file with these records in place, for this user of the machine alone."""
    text = "".join(f"{name} {record}\n" for name, record in sorted(users.items()))
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        made = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            sync(made)
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
        sync(path.parent)
    except OSError as exc:
        raise ConfigError(f"cannot write the users into {path}: {exc.strerror}") from exc


def check_name(name: str) -> None:
    """Raise ConfigError unless `name` can be a user's."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"the name is {name!r}; expected 1 to 32 small letters, digits, - and _, "
            "a letter or digit first"
        )


def hash_password(password: str) -> str:
    """The record that is kept of a password.

    Raises:
        ConfigError: It is too short or too long.
    """
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise ConfigError(
            f"the password has {len(password)} characters; expected {MIN_PASSWORD_CHARS} "
            f"to {MAX_PASSWORD_CHARS}"
        )
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def _is_password(given: str, record: str) -> bool:
    found = _RECORD.fullmatch(record)
    assert found, "records are checked when they are read"
    salt, expected = map(bytes.fromhex, found.groups())
    return secrets.compare_digest(_scrypt(given[: MAX_PASSWORD_CHARS + 1], salt), expected)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(_bytes(password), salt=salt, **_COST)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# No password has this hash; it is compared with when a name is unknown.
_NOBODY = f"scrypt${'0' * 32}${'0' * 64}"
