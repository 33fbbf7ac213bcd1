"""Sessions and token buckets, by a clock that only the test moves."""

import os
import time

import pytest

from rag.temporary import remove_abandoned
from rag.ui.entrance import buckets, sessions
from rag.ui.entrance.buckets import Buckets
from rag.ui.entrance.sessions import MAX_SESSION_SECONDS, Sessions
from rag.ui.entrance.temporary import PREFIX, sweep, use_private_folder


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_session_is_known_by_its_secret_alone(clock):
    held = Sessions(clock)
    secret, other = held.open("anna"), held.open("")
    assert (held.user_of(secret), held.user_of(other)) == ("anna", "")
    assert held.user_of("") is held.user_of(secret[:-1]) is held.user_of("anna") is None


def test_a_session_ends_with_its_time_and_when_it_is_closed(clock):
    held = Sessions(clock)
    first, second = held.open("anna"), held.open("anna")
    held.close(first)
    assert (held.user_of(first), held.user_of(second)) == (None, "anna")
    clock.now = MAX_SESSION_SECONDS
    assert held.user_of(second) is None


def test_the_oldest_session_goes_when_there_are_too_many(clock, monkeypatch):
    monkeypatch.setattr(sessions, "MAX_SESSIONS", 4)
    held = Sessions(clock)
    secrets = [held.open(name) for name in "abcd"]
    assert list(map(held.user_of, secrets)) == ["a", "b", "c", "d"]
    last = held.open("e")
    assert list(map(held.user_of, [*secrets, last])) == [None, "b", "c", "d", "e"]


def test_a_client_may_come_so_often_and_again_after_a_while(clock):
    held = Buckets(2, 0.5, clock)
    assert [held.take("a") for _ in range(3)] == [0.0, 0.0, 2.0]
    clock.now = 2.0
    assert [held.take("a"), held.take("a")] == [0.0, 2.0]


def test_a_long_rest_gives_no_more_than_the_capacity(clock):
    held = Buckets(2, 0.5, clock)
    held.take("a")
    clock.now = 1000.0
    assert [held.take("a") for _ in range(3)] == [0.0, 0.0, 2.0]


def test_clients_do_not_use_up_each_others_requests(clock):
    held = Buckets(1, 1, clock)
    assert [held.take(name) for name in "aba"] == [0.0, 0.0, 1.0]


def test_no_number_of_clients_fills_the_memory(clock, monkeypatch):
    monkeypatch.setattr(buckets, "MAX_CLIENTS", 10)
    held = Buckets(1, 1, clock)
    for number in range(100):
        held.take(str(number))
    assert len(held._buckets) == 10


def test_old_files_are_deleted_and_new_ones_stay(tmp_path):
    old, new = tmp_path / "a" / "old.docx", tmp_path / "b" / "new.pdf"
    for path in (old, new):
        path.parent.mkdir()
        path.write_text("x")
    past = time.time() - 100
    for path in (old, old.parent):
        os.utime(path, (past, past))
    assert sweep(tmp_path, 50) == 1
    assert not old.exists()
    assert new.exists()
    sweep(tmp_path, 50)  # The folder was changed when it lost its file; its time comes later.
    os.utime(old.parent, (past, past))
    sweep(tmp_path, 50)
    assert not old.parent.exists()


def test_a_link_is_deleted_and_what_it_leads_to_stays(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    for path in (outside, folder):
        path.mkdir()
    (outside / "kept").write_text("x")
    (folder / "link").symlink_to(outside)
    assert sweep(folder, -1) == 1
    assert (outside / "kept").exists()


def test_the_folder_of_files_on_their_way_is_private():
    folder = use_private_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.environ["GRADIO_TEMP_DIR"] == str(folder)


def test_what_a_killed_process_has_left_goes_and_that_of_a_living_one_stays():
    folder = use_private_folder()
    left = folder.with_name(f"{folder.name}-left")
    (left / "upload").mkdir(parents=True)
    fresh = folder.with_name(f"{folder.name}-fresh")
    fresh.mkdir()
    past = time.time() - 100
    for path in (folder, left):
        os.utime(path, (past, past))
    remove_abandoned(folder.parent, PREFIX)
    assert [path.exists() for path in (folder, left, fresh)] == [True, False, True]
    fresh.rmdir()
