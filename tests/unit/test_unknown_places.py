from pathlib import Path

import jieba
import pytest

from rag import unknown_places as module
from rag.types import Document
from rag.unknown_places import unknown_places

SHELF = [Document("a", "", "", "", place="东禾县"), Document("b", "", "", "")]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("东禾县有多少人？", ()),
        ("浦北县有多少人？", ("浦北县",)),
        ("请问浦北县2020年有多少人？", ("浦北县",)),
        ("钦州市浦北县有多少人？", ("浦北县",)),
        ("钦州市东禾县有多少人？", ()),
        ("东禾县和浦北县哪个多？", ("浦北县",)),
        ("贫困县、安置区、全县、哪个市、开发区、城市", ()),
        ("How many people live in Pubei County, Qinzhou City?", ("Pubei County",)),
        ("Donghe County in 2020", ()),
        ("Which Pubei district signed it? Is one county poor? A Poor County", ()),
        ("", ()),
    ],
)
def test_regions_that_no_report_is_about(question, expected):
    assert unknown_places(question, SHELF) == expected


def test_regions_are_those_of_the_word_list_line_by_line():
    lines = Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    tags = {word: tag for word, _, tag in (line.split(" ") for line in lines)}
    names = {word for word, tag in tags.items() if tag in {"ns", "nr", "nrt", "nz"}}
    expected = {
        name
        for name in names
        if name[-1] in "县区市省州"
        and not module._NO_REGION.fullmatch(name)
        and (name[-1] == "县" or (len(name) > 2 and (name[:-1] in names or name[:-1] not in tags)))
    }
    assert module._regions() == expected
    assert len(expected) > 4_000


def test_a_question_without_such_a_character_reads_no_word_list(monkeypatch):
    monkeypatch.setattr(module, "_regions", lambda: pytest.fail("it was read"))
    assert unknown_places("搬迁了多少户？", SHELF) == ()
