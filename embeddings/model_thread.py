"""The one thread in which models compute.

Libraries below torch keep caches, memory and threads of their own for each thread that calls them:
with four callers a process was some 200 MB larger than with one.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

_Result = TypeVar("_Result")
_thread = ThreadPoolExecutor(1, thread_name_prefix="models")


def in_model_thread(work: Callable[[], _Result]) -> _Result:
    """The result of `work`, done in the order of asking; in the context of its asker.

    `work` should take a second or so: others wait for it, and so does the end of the program. It
    must not ask for the thread itself.
    """
    return _thread.submit(copy_context().run, work).result()


def n_model_threads() -> int:
    """How many threads a model's products are shared among.

    torch's number is each thread's own: FAISS changes that of the threads which search with it.
    """
    import torch

    return in_model_thread(torch.get_num_threads)
