"""The subcommand `rag user`: who may sign in to the page."""

import getpass
import sys

from rag.accounts import changing_users, check_name, hash_password, read_users
from rag.errors import ConfigError
from rag.invocation import Invocation
from rag.output import emit


def change(call: Invocation, action: str, name: str | None) -> int:
    """List the users, add one (or give one another password), or remove one."""
    path = call.config.users_file
    known = read_users(path)  # Before a password is typed for nothing.
    if action == "list":
        for each in sorted(known):
            emit(each)
        return 0
    if name is None:
        raise ConfigError(f"whom? run: rag user {action} NAME")
    if action == "add":
        check_name(name)
        record = hash_password(_ask_password(name))
        with changing_users(path) as users:
            users[name] = record
        emit(f"{name} may sign in from the next start of rag serve on ({path})")
        return 0
    if name not in known:
        raise ConfigError(f"there is no user {name!r}; known: {', '.join(sorted(known)) or 'none'}")
    with changing_users(path) as users:
        users.pop(name, None)
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
