"""How indexes of FAISS are compared."""

import numpy as np

from benchmarks.store_choice import compare, recall


def test_recall_is_the_share_of_the_best_that_was_found():
    best = [np.array([1, 2]), np.array([3, 4])]
    assert recall([np.array([2, 9]), np.array([4, 3])], best) == 0.75


def test_indexes_are_compared_with_exact_search():
    random = np.random.default_rng(1)
    windows = random.normal(size=(2500, 16)).astype(np.float32)
    windows /= np.linalg.norm(windows, axis=1, keepdims=True)
    rows = list(compare(windows, windows[:20]))
    found = {row["index"]: row["recall_at_200"] for row in rows}
    assert found["exact"] == 1
    scalar = [found[f"IVF, SQ8, 1/{share} of the lists"] for share in (32, 16, 8, 4)]
    assert 0 < scalar[0] < scalar[-1] < 1
    assert scalar == sorted(scalar)
    assert found["HNSW, 1024 in view"] >= found["HNSW, 256 in view"] > 0.5
