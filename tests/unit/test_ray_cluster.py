import sys

import pytest

from rag.cli import main
from rag.errors import ClusterError
from rag.ray_cluster import _reason, ray_cluster


def test_missing_package_is_one_line_that_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r'run: pip install .*"\.\[ray\]"'), ray_cluster():
        pass


def test_a_path_after_ray_is_not_taken_for_an_address(capsys):
    with pytest.raises(SystemExit):
        main(["index", "--ray", "seeds"])
    assert "'seeds' is no address; give local, auto or HOST:PORT" in capsys.readouterr().err


def test_what_a_worker_raised_is_found_in_its_traceback():
    traceback = """\x1b[36mray::Map()\x1b[39m
  File "a.py", line 1, in f
rag.errors.ClusterError: a worker has other weights

The above exception was the direct cause of the following exception:

ray.exceptions.UserCodeException: UDF failed to process a data block."""
    assert _reason(RuntimeError(traceback)) == "a worker has other weights"
