"""A Ray cluster: functions and workers over many rows, on all its machines, by Ray Data."""

import logging
import os
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from embeddings.offline import go_offline
from rag.errors import ClusterError

if TYPE_CHECKING:
    from ray.data import Dataset

LOCAL = "local"

Row = dict[str, Any]
"""Values by column, of the kinds that Arrow knows."""

# Of the program's own folder: a package of its name elsewhere may be anybody's.
_INSTALL = 'pip install -c constraints.txt ".[ray]"'
_KNOCK_SECONDS = 5.0
# The line of a traceback that names an exception, Ray's own apart.
_RAISED = re.compile(r"^(?!ray\.)[\w.]*(?:Error|Exception): (.+)$", re.MULTILINE)
# So many turns for each processor: the last turns end at about the same time.
_TURNS_A_PROCESSOR = 4


class RayCluster:
    """What runs on a Ray cluster that is connected; rows come back in any order."""

    def __init__(self, n_processors: int) -> None:
        self.n_processors = n_processors

    def map(self, function: Callable[[Row], Row], rows: Sequence[Row]) -> Iterator[Row]:
        """What `function` makes of each row, one row a processor at a time.

        Raises:
            ClusterError: It fails on a row, or the cluster breaks down.
        """
        data = self._dataset(rows, _TURNS_A_PROCESSOR * self.n_processors)
        return _rows(data.map(function, num_cpus=1))

    def map_batches(
        self, worker: type, arguments: tuple[Any, ...], rows: Sequence[Row], n_rows_at_once: int
    ) -> Iterator[Row]:
        """What instances of `worker`, one a processor, made of `arguments`, make of the rows.

        Args:
            worker: Called with columns, `{name: array}`, of about `n_rows_at_once` rows; gives
                columns.
            arguments: Of its constructor.
            rows: Neighbours stay together.
            n_rows_at_once: At most; fewer where there would be processors without any.

        Raises:
            ClusterError: It fails on a row, or the cluster breaks down.
        """
        from ray.data import ActorPoolStrategy

        n_turns = max(-(-len(rows) // n_rows_at_once), _TURNS_A_PROCESSOR * self.n_processors)
        data = self._dataset(rows, n_turns).map_batches(
            worker,
            fn_constructor_args=arguments,
            batch_size=None,
            compute=ActorPoolStrategy(size=self.n_processors),
            num_cpus=1,
        )
        return _rows(data)

    def _dataset(self, rows: Sequence[Row], n_turns: int) -> "Dataset":
        import ray

        n_blocks = max(1, min(len(rows), n_turns))
        return ray.data.from_items(list(rows), override_num_blocks=n_blocks)


@contextmanager
def ray_cluster(
    address: str = LOCAL, n_processors: int = 0, *, show_progress: bool = False
) -> Iterator[RayCluster]:
    """A cluster, connected until the end of the `with`.

    Args:
        address: `local` for one that is started on this machine and ends with the `with`; it
            listens on the loopback interface alone. `auto`, `HOST:PORT` or `ray://HOST:PORT` for
            one that runs.
        n_processors: Of a local cluster; 0 means all.
        show_progress: Draw Ray's own bars.

    Raises:
        ClusterError: Ray is not installed, or the cluster cannot be reached.
    """
    ray = _import_ray(address)
    try:
        _knock(address)
        ray.init(
            address=address,
            num_cpus=(n_processors or None) if address == LOCAL else None,
            include_dashboard=False if address == LOCAL else None,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as exc:
        raise ClusterError(
            f"cannot use the Ray cluster {address!r} ({_first_line(exc)}); start it by ray start "
            "--head, set RAY_AUTH_MODE=token if it wants one, or give --ray without an address"
        ) from exc
    try:
        ray.data.DataContext.get_current().enable_progress_bars = show_progress
        yield RayCluster(int(ray.cluster_resources().get("CPU", 1)))
    finally:
        ray.shutdown()


def _import_ray(address: str) -> Any:  # noqa: ANN401 (a module)
    go_offline()
    # Both are read as Ray is imported.
    os.environ["RAY_BACKEND_LOG_LEVEL"] = "fatal"
    if address == LOCAL:
        # Off, a local cluster listens on the loopback interface alone.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    try:
        import ray
        import ray.data
    except ModuleNotFoundError as exc:
        raise ClusterError(f"--ray needs Ray with Ray Data; run: {_INSTALL}") from exc
    # What fails is told once, by us.
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    return ray


def _knock(address: str) -> None:
    """Fail at once where nobody listens: Ray itself would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host, int(port)), timeout=_KNOCK_SECONDS).close()


def _rows(data: "Dataset") -> Iterator[Row]:
    import ray

    try:
        yield from data.iter_rows()
    except ray.exceptions.RayError as exc:
        raise ClusterError(f"a worker of the Ray cluster failed: {_reason(exc)}") from exc


def _reason(exc: BaseException) -> str:
    """What failed first, out of the tracebacks of a worker that Ray hands on as text."""
    raised = _RAISED.findall(str(exc))
    return raised[0] if raised else _first_line(exc)


def _first_line(exc: BaseException) -> str:
    lines = str(exc).strip().splitlines()
    return lines[0] if lines else type(exc).__name__
