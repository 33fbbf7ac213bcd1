"""What the encoder of a cluster makes of what comes back; the cluster itself is a stand-in."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from rag.bulk_ingest import ClusterEncoder
from rag.config import RagConfig
from rag.errors import ClusterError
from rag.ray_cluster import RayCluster
from tests.fakes import HashEncoder

TEXTS = ["甲县修路", "乙县架桥300座", "丙县"]


class Here:
    """Does the work in this process, last row first, and loses the first `n_lost` rows of it."""

    def __init__(self, n_lost: int = 0) -> None:
        self.n_lost, self.n_asked = n_lost, 0

    def map_batches(
        self, worker: type, arguments: tuple[Any, ...], rows: Sequence[dict[str, Any]], _: int
    ) -> Iterator[dict[str, Any]]:
        self.n_asked += 1
        columns = worker(*arguments)({name: [row[name] for row in rows] for name in rows[0]})
        made = zip(columns["number"], columns["vector"], strict=True)
        yield from [{"number": n, "vector": v} for n, v in made][::-1][self.n_lost :]


def encoder_on(cluster: Here) -> ClusterEncoder:
    return ClusterEncoder(HashEncoder(), HashEncoder, RagConfig(), cast(RayCluster, cluster))


def test_vectors_come_in_the_order_of_their_texts():
    made = encoder_on(Here()).encode_passages(TEXTS)
    assert (made == HashEncoder().encode_passages(TEXTS)).all()


def test_rows_that_do_not_come_back_are_told():
    with pytest.raises(ClusterError, match="gave 2 vectors for 3 texts"):
        encoder_on(Here(n_lost=1)).encode_passages(TEXTS)


def test_without_texts_the_cluster_is_not_asked():
    cluster = Here()
    assert encoder_on(cluster).encode_passages([]).shape == (0, HashEncoder().dim)
    assert cluster.n_asked == 0
