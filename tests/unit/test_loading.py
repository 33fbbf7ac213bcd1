from dataclasses import replace
from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.errors import DocumentError
from rag.loading import Known, LoadResult, load_document, load_documents
from rag.types import SourceFile

CONFIG = RagConfig()
TEXT = "溪口县道路建设报告\n2019年,溪口县修路三百公里,全县通路。"


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def test_folder_is_walked_in_order_and_other_files_passed_over(tmp_path: Path):
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", c__md=f"# {TEXT}")
    write(tmp_path, b__txt=TEXT, a__txt=TEXT, README__md="x", q__jsonl="{}", __hidden="x")
    (tmp_path / "~$d.docx").write_bytes(b"lock")
    result = load_documents([tmp_path], CONFIG)
    assert [document.document_id for document in result.documents] == ["a", "b", "c"]
    assert result.problems == ()


def test_document_holds_the_canonical_text_and_hash_of_its_bytes(tmp_path: Path):
    write(tmp_path, a__txt=TEXT.replace("\n", "\r\n"), b__txt=TEXT)
    first, second = load_documents([tmp_path], CONFIG).documents
    assert first.text == second.text == TEXT
    assert first.document_hash != second.document_hash


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no text"),
        (" \n\u3000\n", "holds no text"),
        (bytes(range(256)) * 3, "binary|encoding"),
        ("字" * 400, "more than max_document_bytes"),
    ],
)
def test_bad_files_are_told_and_the_rest_goes_on(
    tmp_path: Path, content: str | bytes, message: str
):
    write(tmp_path, bad__txt=content, good__txt=TEXT)
    result = load_documents([tmp_path], replace(CONFIG, max_document_bytes=1000))
    assert [document.document_id for document in result.documents] == ["good"]
    (problem,) = result.problems
    assert problem.path == str(tmp_path / "bad.txt")
    with pytest.raises(DocumentError, match=rf"bad\.txt: .*({message})"):
        raise DocumentError(problem.message)


def test_unknown_kind_of_file_is_told(tmp_path: Path):
    write(tmp_path, a__txt=TEXT, b__xyz="x")
    (problem,) = load_documents([tmp_path], CONFIG).problems
    assert problem.message.startswith("b.xyz: cannot read this kind; known: .txt, .md, .pdf")


def test_two_reports_of_one_name_are_told(tmp_path: Path):
    write(tmp_path, a__md=TEXT, a__txt=TEXT)
    result = load_documents([tmp_path], CONFIG)
    assert len(result.documents) == 1
    assert "has the same name as" in result.problems[0].message


def test_a_file_that_cannot_be_used_does_not_take_the_name_from_one_that_can(tmp_path: Path):
    write(tmp_path, a__pdf="x", a__txt=TEXT)
    result = load_documents([tmp_path], CONFIG)
    assert [document.document_id for document in result.documents] == ["a"]
    assert [Path(problem.path).name for problem in result.problems] == ["a.pdf"]


def test_a_name_that_is_too_long_is_told(tmp_path: Path):
    with pytest.raises(DocumentError, match="cannot be read"):
        load_documents([tmp_path / ("x" * 300)], CONFIG)


def test_empty_folder_says_what_to_do(tmp_path: Path):
    with pytest.raises(DocumentError, match=r"no report in .*; put files"):
        load_documents([tmp_path], CONFIG)


def test_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(DocumentError, match="nowhere does not exist; give a folder"):
        load_documents([tmp_path / "nowhere"], CONFIG)


def test_folder_of_bad_files_only(tmp_path: Path):
    write(tmp_path, a__txt="", b__txt="")
    with pytest.raises(DocumentError, match=r"no report could be read: a\.txt: .*b\.txt: "):
        load_documents([tmp_path], CONFIG)


def test_sidecar_overrides_and_changes_the_hash(tmp_path: Path):
    write(tmp_path, a__txt=TEXT)
    before = load_document(tmp_path / "a.txt", CONFIG)
    write(tmp_path, a__meta__json='{"place": "白水镇"}')
    after = load_document(tmp_path / "a.txt", CONFIG)
    assert (before.place, after.place) == ("溪口县", "白水镇")
    assert before.document_hash != after.document_hash


def test_wrong_sidecar_is_a_problem_of_its_report(tmp_path: Path):
    write(tmp_path, a__txt=TEXT, a__meta__json="{", b__txt=TEXT)
    result = load_documents([tmp_path], CONFIG)
    assert [document.document_id for document in result.documents] == ["b"]
    assert "a.meta.json: not JSON" in result.problems[0].message


def known_of(result: LoadResult) -> Known:
    return Known.of({d.document_id: d for d in result.documents}, result.sources)


def test_sources_tell_path_and_hash_of_each_file(tmp_path: Path):
    write(tmp_path, a__txt=TEXT, a__meta__json='{"title": "题"}', b__txt="", c__xyz="x")
    result = load_documents([tmp_path], CONFIG)
    a, b, c = result.sources
    assert a == SourceFile(str(tmp_path / "a.txt"), result.documents[0].document_hash)
    assert (len(b.file_hash), b.max_parse_seconds) == (64, CONFIG.max_parse_seconds)
    assert (c.file_hash, c.max_parse_seconds) == ("", 0)
    assert "b.txt: holds no text" in b.message


def test_a_file_given_by_two_ways_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, a__txt=TEXT)
    monkeypatch.chdir(tmp_path)
    result = load_documents([Path(), Path("a.txt"), tmp_path / "a.txt"], CONFIG)
    assert [source.path for source in result.sources] == [str(tmp_path / "a.txt")]


def test_a_link_is_known_by_its_own_name(tmp_path: Path):
    write(tmp_path, store__bin=TEXT)
    (tmp_path / "a.txt").symlink_to(tmp_path / "store.bin")
    (document,) = load_documents([tmp_path / "a.txt"], CONFIG).documents
    assert document.document_id == "a"


def test_only_new_and_changed_files_are_read(tmp_path: Path, read: list[str]):
    write(tmp_path, a__txt=TEXT, b__txt=TEXT, bad__txt="")
    first = load_documents([tmp_path], CONFIG)
    write(tmp_path, b__txt=TEXT + "又修桥。", c__txt=TEXT)
    read.clear()
    second = load_documents([tmp_path], CONFIG, known_of(first))
    assert read == ["b.txt", "c.txt"]
    assert second == load_documents([tmp_path], CONFIG)
    assert [problem.message for problem in second.problems] == [first.problems[0].message]


def test_an_equal_file_of_another_kind_is_read(tmp_path: Path, read: list[str]):
    write(tmp_path, a__txt=TEXT)
    first = load_documents([tmp_path], CONFIG)
    (tmp_path / "a.txt").rename(tmp_path / "a.md")
    load_documents([tmp_path], CONFIG, known_of(first))
    assert read == ["a.txt", "a.md"]


def test_a_file_that_was_left_out_is_tried_again_under_another_time_limit(
    tmp_path: Path, read: list[str]
):
    write(tmp_path, a__txt=TEXT, bad__txt="")
    first = load_documents([tmp_path], CONFIG)
    read.clear()
    load_documents([tmp_path], replace(CONFIG, max_parse_seconds=90), known_of(first))
    assert read == ["bad.txt"]


def test_a_name_that_is_taken_is_told(tmp_path: Path):
    write(tmp_path, a__txt=TEXT, b__txt=TEXT)
    (problem,) = load_documents([tmp_path], CONFIG, taken={"a": "/old/a.txt"}).problems
    assert "a.txt: has the same name as /old/a.txt" in problem.message


def test_five_megabytes_load_in_time(tmp_path: Path):
    line = "第{}年,溪口县修建道路{}公里,受益群众{}人,全县上下一心,持续改善出行条件。\n"
    text = "".join(line.format(n, n * 3, n * 7) for n in range(45_000))
    write(tmp_path, big__txt=text)
    document = load_document(tmp_path / "big.txt", CONFIG)
    assert len(document.text.encode()) > 5_000_000
    assert document.place == "溪口县"
