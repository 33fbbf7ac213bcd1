import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.accounts import Accounts, changing_users, hash_password, read_users
from rag.cli import main
from rag.errors import ConfigError

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def record() -> str:
    return hash_password(PASSWORD)


@pytest.mark.parametrize(
    ("name", "secret", "user"),
    [
        ("anna", PASSWORD, "anna"),
        (" Anna ", PASSWORD, "anna"),
        ("anna", "wrong horse", None),
        ("anna", "the-token", None),
        ("otto", PASSWORD, None),
        ("", "the-token", ""),
        ("", "wrong", None),
        ("", "", None),
        ("anna\ud800", "\ud800", None),
    ],
)
def test_only_the_right_password_or_token_lets_in(record, name, secret, user):
    assert Accounts("the-token", {"anna": record}).user(name, secret) == user


def test_an_empty_token_lets_nobody_in(record):
    assert Accounts("", {"anna": record}).user("", "") is None


def test_accounts_do_not_print_their_secrets(record):
    shown = repr(Accounts("the-token", {"anna": record}))
    assert "the-token" not in shown
    assert "scrypt" not in shown


def test_two_records_of_one_password_differ_and_hold_none_of_it(record):
    assert record != hash_password(PASSWORD)
    assert "horse" not in record


def test_a_file_that_is_missing_names_nobody(tmp_path):
    assert read_users(tmp_path / "none") == {}


def test_users_are_read_as_they_were_written(tmp_path, record):
    path = tmp_path / "new" / "users.txt"
    with changing_users(path) as users:
        users |= {"otto": record, "anna": record}
    assert read_users(path) == {"anna": record, "otto": record}
    assert path.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in path.parent.iterdir()} <= {"users.txt", ".users.txt.lock"}
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_a_write_that_fails_leaves_nothing_behind(tmp_path, record, monkeypatch):
    path = tmp_path / "users.txt"
    path.mkdir()  # In the way of the file.
    monkeypatch.setattr("rag.accounts.read_users", lambda path: {})
    with pytest.raises(ConfigError, match="cannot write the users"), changing_users(path) as users:
        users["anna"] = record
    assert {file.name for file in tmp_path.iterdir()} <= {"users.txt", ".users.txt.lock"}


def test_a_place_where_no_users_can_be_kept_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    changing = changing_users(tmp_path / "file" / "users.txt")
    with pytest.raises(ConfigError, match="cannot write the users"), changing:
        pass


def test_of_two_changes_at_once_the_second_waits_and_both_are_kept(tmp_path, record):
    path = tmp_path / "users.txt"

    def add_otto() -> None:
        with changing_users(path) as users:
            users["otto"] = record

    with ThreadPoolExecutor(1) as threads:
        with changing_users(path) as users:
            second = threads.submit(add_otto)
            with pytest.raises(TimeoutError):
                second.result(0.2)
            users["anna"] = record
        second.result(10)
    assert set(read_users(path)) == {"anna", "otto"}


def test_a_change_that_another_process_holds_up_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.accounts._LOCK_SECONDS", 0.05)
    path = tmp_path / "users.txt"
    with (
        changing_users(path),
        pytest.raises(ConfigError, match="another process is changing the users"),
        changing_users(path),
    ):
        pass


@pytest.mark.parametrize("line", ["anna secret-horse", "../x scrypt$0$0", "Anna", ""])
def test_a_line_that_is_no_user_is_told_without_what_it_holds(tmp_path, line):
    path = tmp_path / "users.txt"
    path.write_text(f"{line}\n")
    with pytest.raises(ConfigError, match="line 1, is no user") as caught:
        read_users(path)
    assert "horse" not in str(caught.value)


def rag_user(monkeypatch, folder, *words: str, typed: str = PASSWORD) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
    return main(["user", *words, "--index", str(folder / "index")])


def test_the_command_adds_lists_and_removes(monkeypatch, tmp_path, capsys):
    assert rag_user(monkeypatch, tmp_path, "add", "anna") == 0
    assert Accounts(users=read_users(tmp_path / "users.txt")).user("anna", PASSWORD) == "anna"
    capsys.readouterr()
    rag_user(monkeypatch, tmp_path, "list")
    assert capsys.readouterr().out == "anna\n"
    assert rag_user(monkeypatch, tmp_path, "remove", "anna") == 0
    assert read_users(tmp_path / "users.txt") == {}


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (["add", "anna"], "short", "the password has 5 characters; expected 8 to 256"),
        (["add", "../../x"], PASSWORD, "the name is '../../x'"),
        (["add"], PASSWORD, "run: rag user add NAME"),
        (["remove", "otto"], PASSWORD, "there is no user 'otto'"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(monkeypatch, tmp_path, capsys, words, typed, told):
    assert rag_user(monkeypatch, tmp_path, *words, typed=typed) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "users.txt").exists()


def test_who_is_added_while_a_password_is_typed_stays(monkeypatch, tmp_path, record):
    path = tmp_path / "users.txt"

    def typing(name: str) -> str:
        with changing_users(path) as users:
            users["otto"] = record
        return PASSWORD

    monkeypatch.setattr("rag.user_commands._ask_password", typing)
    assert main(["user", "add", "anna", "--index", str(tmp_path / "index")]) == 0
    assert set(read_users(path)) == {"anna", "otto"}


def test_a_terminal_that_ends_instead_of_a_password_is_told(monkeypatch, tmp_path, capsys):
    def ended(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", ended)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert main(["user", "add", "anna", "--index", str(tmp_path / "index")]) == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert not (tmp_path / "users.txt").exists()
