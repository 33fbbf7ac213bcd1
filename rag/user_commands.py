"""The subcommand `rag user`: who may sign in to the page."""

import getpass
import sys

from rag.accounts import check_name, hash_password, read_users, write_users
from rag.errors import ConfigError
from rag.invocation import Invocation
from rag.output import emit


def change(call: Invocation, action: str, name: str | None) -> int:
    """List the users, add one (or give one another password), or remove one."""
    path = call.config.users_file
    users = read_users(path)
    if action == "list":
        for known in sorted(users):
            emit(known)
        return 0
    if name is None:
        raise ConfigError(f"whom? run: rag user {action} NAME")
    if action == "add":
        check_name(name)
        write_users(path, {**users, name: hash_password(_ask_password(name))})
        emit(f"{name} may sign in from the next start of rag serve on ({path})")
        return 0
    if name not in users:
        raise ConfigError(f"there is no user {name!r}; known: {', '.join(sorted(users)) or 'none'}")
    write_users(path, {known: record for known, record in users.items() if known != name})
    emit(f"{name} may not sign in any more from the next start of rag serve on")
    return 0


def _ask_password(name: str) -> str:
    """The password, typed twice at a terminal or else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        password = getpass.getpass(f"Password of {name}: ")
        again = getpass.getpass("Once more: ")
    except EOFError as exc:  # Ctrl-D.
        raise ConfigError("no password was typed, nothing was changed; try again") from exc
    if again != password:
        raise ConfigError("the two passwords differ; try again")
    return password
