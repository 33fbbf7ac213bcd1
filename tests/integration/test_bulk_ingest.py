"""An index that two workers of a local Ray cluster make is the one that `rag index` makes."""

from dataclasses import replace

import numpy as np
import pytest

from rag.bulk_ingest import ingest
from rag.config import RagConfig
from rag.errors import ClusterError, DocumentError
from rag.index import generation_in_use
from rag.opening import open_index
from rag.ray_cluster import ray_cluster
from tests.fakes import HashEncoder

pytest.importorskip("ray", reason="ray is not installed; run: pip install -e .[dev]")
# Ray Data warns of settings of its own.
pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]

REPORTS = {
    "茶.txt": "2019年东禾县茶产业报告\n一、概况\n东禾县种茶800亩。" + "茶农增收120元。" * 40,
    "路.txt": "冬河区修路20公里。\n桥两座。" * 30,
    "路.md": "# 同名\n冬河区的另一份报告。",
    "表.csv": "县,贫困村\n东禾县,98个\n冬河区,12个\n",
    "坏.pdf": "no PDF",
    "空.txt": "  \n",
}


@pytest.fixture(scope="module")
def cluster():
    with ray_cluster("local", 2) as connected:
        yield connected


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name, text in REPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def configs(tmp_path):
    config = RagConfig(index=tmp_path / "serial", chunk_chars=60)
    return config, replace(config, index=tmp_path / "by ray")


def vectors(config):
    return generation_in_use(config).vectors()


def assert_same(serial, by_ray, configs):
    assert by_ray.documents == serial.documents
    assert list(by_ray.chunks.items()) == list(serial.chunks.items())
    assert by_ray.store.ids() == serial.store.ids()
    assert by_ray.windows.ids() == serial.windows.ids()
    assert by_ray.manifest.sources == serial.manifest.sources
    assert by_ray.manifest.files == serial.manifest.files
    ours, theirs = map(vectors, configs)
    assert list(ours) == list(theirs)
    assert all(np.array_equal(ours[key], theirs[key]) for key in ours)


def test_two_workers_make_the_same_index_byte_for_byte(shelf, configs, cluster):
    serial = open_index([shelf], HashEncoder(), configs[0])
    encoder = HashEncoder()
    by_ray = ingest([shelf], encoder, HashEncoder, configs[1], cluster)
    assert cluster.n_processors == 2
    assert encoder.encoded == [], "the workers encode"
    assert len(by_ray.manifest.sources) == 6
    assert_same(serial, by_ray, configs)


def test_an_update_makes_the_same_index_and_reads_and_encodes_what_is_new_alone(
    shelf, configs, cluster, monkeypatch
):
    open_index([shelf], HashEncoder(), configs[0])
    ingest([shelf], HashEncoder(), HashEncoder, configs[1], cluster)
    (shelf / "茶.txt").write_text("东禾县种茶900亩。", encoding="utf-8")
    (shelf / "新.txt").write_text("东禾县建校3所。", encoding="utf-8")
    serial = open_index([shelf], HashEncoder(), configs[0])
    sent = []
    make = cluster._dataset

    def counting(rows, n_turns):
        sent.append(len(rows))
        return make(rows, n_turns)

    monkeypatch.setattr(cluster, "_dataset", counting)
    by_ray = ingest([shelf], HashEncoder(), HashEncoder, configs[1], cluster)
    assert_same(serial, by_ray, configs)
    assert sent == [2, 4], "two files; two chunks and their windows"


def test_an_unchanged_shelf_needs_no_worker(shelf, configs, cluster, monkeypatch):
    first = ingest([shelf], HashEncoder(), HashEncoder, configs[1], cluster)
    monkeypatch.delattr(type(cluster), "map")
    again = ingest([shelf], HashEncoder(), HashEncoder, configs[1], cluster)
    assert again.generation == first.generation


def test_a_worker_with_other_weights_is_refused_in_one_line(shelf, configs, cluster):
    with pytest.raises(
        ClusterError, match="a worker has model_id 'hash@1', this machine 'hash@2'"
    ) as caught:
        ingest([shelf], HashEncoder(model_id="hash@2"), HashEncoder, configs[1], cluster)
    assert "\n" not in str(caught.value)
    assert not (configs[1].index / "CURRENT").exists()


def test_a_cluster_that_is_not_there_is_told_at_once():
    with (
        pytest.raises(ClusterError, match=r"cannot use the Ray cluster '127\.0\.0\.1:1' "),
        ray_cluster("127.0.0.1:1"),
    ):
        pass


def test_only_bad_files_are_told(tmp_path, configs, cluster):
    (tmp_path / "空.txt").write_text(" ", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"no report could be read: 空\.txt: holds no text"):
        ingest([tmp_path / "空.txt"], HashEncoder(), HashEncoder, configs[1], cluster)
