import pytest

from rag.mentions import asked_mention


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("哪些县提到了光伏？", "光伏"),
        ("哪些报告提到“三变”改革？", "三变改革"),
        ("哪几个区谈到过《条例》？", "条例"),
        ("Which counties mention PV power?", "PV power"),
        ("Which reports mentioned “e-commerce”?", "e-commerce"),
        ("渠县提到了光伏吗？", ""),
        ("哪个县的光伏最多？", ""),
    ],
)
def test_what_is_looked_for(question, term):
    assert asked_mention(question) == term
