"""The caches in which libraries below torch keep what they prepared for matrices of one shape.

Texts have all lengths, so that nearly each question brings shapes that were not seen before: 600
products of a bf16 matrix with 600 others, each of another length, left 508 MB behind. The layers of
one text share its shapes; a few entries are enough for all there is to find again.
"""

import os

_CAPACITIES = {"LRU_CACHE_CAPACITY": "16", "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64"}


def bound_kernel_caches() -> None:
    """Keep the caches small, unless the environment says how large; call before the first product.

    ideep and oneDNN read their variable once, when they are first used.
    """
    for name, capacity in _CAPACITIES.items():
        os.environ.setdefault(name, capacity)
