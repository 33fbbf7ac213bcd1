import pytest

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
