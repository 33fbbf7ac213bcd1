import pytest

from rag.metadata import describe
from rag.scope import only_strangers
from rag.types import Passage
from tests.fakes import make_passage

DOCUMENT = describe(
    "xikou",
    "h",
    "溪口县扶贫报告\n2019年，溪口县修路300公里。宝山区结对帮扶溪口县，派来教师20人。溪口县通水。",
)
PASSAGES: tuple[Passage, ...] = (make_passage(DOCUMENT, DOCUMENT.text),)


@pytest.mark.parametrize(
    "question",
    ["溪口县修了多少公里路？", "修了多少公里路？", "宝山区派来多少教师？", "贫困县有几个？"],
)
def test_questions_about_the_shelf(question: str):
    assert not only_strangers(question, PASSAGES, {"xikou": DOCUMENT})


@pytest.mark.parametrize(
    "question", ["昌平区修了多少公里路？", "How many km in Changping District?"]
)
def test_questions_about_other_places(question: str):
    assert only_strangers(question, PASSAGES, {"xikou": DOCUMENT})


def test_partner_of_a_place_asked_for_in_english():
    question = "How many teachers came from Baoshan District?"
    assert not only_strangers(question, PASSAGES, {"xikou": DOCUMENT})
