"""What a report says about itself is written by strangers, too."""

import pytest

from rag.config import RagConfig
from rag.errors import DocumentError
from rag.loading import load_document


def loaded(folder, text: str, sidecar: str = ""):
    path = folder / "a.txt"
    path.write_text(text, encoding="utf-8")
    if sidecar:
        (folder / "a.meta.json").write_text(sidecar, encoding="utf-8")
    return load_document(path, RagConfig())


@pytest.mark.parametrize(
    "sidecar",
    ["[" * 100_000, '{"years": [' + "9" * 5000 + "]}", '{"a":' * 50_000, '{"years": NaN}', "\x00"],
)
def test_a_sidecar_without_end_is_refused(tmp_path, sidecar):
    with pytest.raises(DocumentError, match=r"a\.meta\.json: "):
        loaded(tmp_path, "全县有学校12所。", sidecar)


@pytest.mark.parametrize("hidden", ["\x1b[2J", "\u202e", "\u2066", "\x7f", "\x9b"])
def test_a_title_neither_disguises_itself_nor_commands_a_terminal(tmp_path, hidden):
    front = f"---\ntitle: 松溪县{hidden}总结\nplace: 松{hidden}溪县\n---\n全县有学校12所。"
    document = loaded(tmp_path, front)
    assert document.title.startswith("松溪县")
    assert hidden not in document.title
    assert document.place is not None
    assert hidden not in document.place


@pytest.mark.parametrize("field", ["title", "place"])
def test_a_name_without_end_is_refused(tmp_path, field):
    with pytest.raises(DocumentError, match=f"{field} has 10000 characters; expected at most 500"):
        loaded(tmp_path, f"---\n{field}: {'x' * 10_000}\n---\n全县有学校12所。")


@pytest.mark.parametrize(
    "front_matter", ["years: " + "x is : has " * 9999, "published: " + "x" * 99_999]
)
def test_a_value_without_end_is_not_told_in_full(tmp_path, front_matter):
    file = tmp_path / "a.md"
    file.write_text(f"---\n{front_matter}\n---\n甲县修路300公里。", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"front matter: (years|published) is 'x") as caught:
        load_document(file, RagConfig())
    assert len(str(caught.value)) < 200
