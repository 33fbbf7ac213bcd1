"""Rows of a file, read when they are asked for."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import StoreError
from embeddings.stores.row_file import RowFile


@pytest.fixture
def rows():
    return np.random.default_rng(1).normal(size=(30, 5)).astype(np.float32)


@pytest.fixture
def path(rows, tmp_path):
    np.save(tmp_path / "rows.npy", rows)
    return tmp_path / "rows.npy"


def test_rows_are_those_of_the_array(path, rows):
    file, asked = RowFile(path), np.array([29, 3, 4, 5, 5, 0, 1])
    assert (len(file), file.shape) == (30, (30, 5))
    assert np.array_equal(file[asked], rows[asked])
    assert file[np.array([], dtype=np.int64)].shape == (0, 5)
    assert np.array_equal(file.whole(), rows)


def test_a_file_that_was_removed_can_still_be_read(path, rows):
    file = RowFile(path)
    path.unlink()
    assert np.array_equal(file[np.array([7])], rows[[7]])
    assert np.array_equal(file.whole(), rows)


def test_a_file_that_was_cut_is_told(path):
    file = RowFile(path)
    os.truncate(path, path.stat().st_size - 4)
    assert file[np.array([28])].shape == (1, 5)
    with pytest.raises(StoreError, match="has become shorter"):
        file[np.array([28, 29])]


@pytest.mark.parametrize(
    "other", [np.zeros(3, np.float32), np.zeros((3, 2)), np.zeros((3, 2), np.float32).T]
)
def test_what_is_not_rows_of_float32_is_refused(other, tmp_path):
    np.save(tmp_path / "other.npy", other)
    with pytest.raises(ValueError, match="not rows of float32"):
        RowFile(tmp_path / "other.npy")


def test_its_file_is_closed_with_it(path):
    def n_open():
        links = Path("/proc/self/fd").iterdir()
        return sum(link.exists() and link.resolve() == path.resolve() for link in links)

    file = RowFile(path)
    assert n_open() == 1
    del file
    gc.collect()
    assert n_open() == 0
