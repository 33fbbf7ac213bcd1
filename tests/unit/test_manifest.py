from dataclasses import replace

import pytest

from rag.errors import IndexCorruptError, IndexMismatchError
from rag.manifest import (
    FORMAT_VERSION,
    IndexManifest,
    IndexSettings,
    SegmentRecord,
    check_settings,
    read_manifest,
    write_manifest,
)
from rag.types import SourceFile

SETTINGS = IndexSettings("model@1", 8, "1, 300 characters", "char_bigram/1", "1")


def test_manifest_round_trip(tmp_path):
    parts = (SegmentRecord(("甲",), 3),)
    files = (SourceFile("/甲.pdf", "aa"), SourceFile("/坏\udcff.pdf", "cc", "damaged", 60.0))
    manifest = IndexManifest(SETTINGS, {"甲": "aa"}, 3, {"chunks.jsonl": "bb"}, parts, files)
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path, "make", "mend") == manifest


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"settings": 3}', f'{{"settings": {{"format_version": {FORMAT_VERSION}}}}}'],
)
def test_damaged_manifest_names_the_command(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(IndexCorruptError, match=r"manifest\.json is damaged or missing; run: mend"):
        read_manifest(tmp_path, "make", "mend")


def test_other_format_is_told_before_other_fields_are_read(tmp_path):
    (tmp_path / "manifest.json").write_text('{"settings": {"format_version": 77}}')
    with pytest.raises(
        IndexMismatchError,
        match=f"format_version 77, this program wants {FORMAT_VERSION}; run: make",
    ):
        read_manifest(tmp_path, "make", "mend")


def test_unknown_dim_is_not_compared():
    check_settings(SETTINGS, replace(SETTINGS, dim=None), "")
