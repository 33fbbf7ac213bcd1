import pytest

from training.spans import find_items


@pytest.mark.parametrize(
    ("sentence", "listed"),
    [
        ("开展巡回医疗、移动医疗，把服务送上门。", "巡回医疗、移动医疗"),
        ("要素互济、优势互补、协同发展。", "要素互济、优势互补、协同发展"),
        ("牛奶、牛肉、羊肉等产量居全国首位。", "牛奶、牛肉、羊肉"),
        ("推行“揭榜挂帅”、“先用后付”两项办法。", "“揭榜挂帅”、“先用后付”"),
    ],
)
def test_lists_begin_and_end_with_their_items(sentence, listed):
    assert _listed(sentence) == [listed]


@pytest.mark.parametrize(
    "sentence",
    [
        "加快建设文化强省、社科强省。",
        "为时代明德建设把脉定向、指路引航。",
        "引导政府工作人员专心致志干事创业、建功立业。",
        "加强兵地在油气、矿产重点领域协同。",
    ],
)
def test_what_is_not_of_one_kind_is_no_list(sentence):
    assert _listed(sentence) == []


def _listed(sentence: str) -> list[str]:
    return [item.span.of(sentence) for item in find_items(sentence) if item.kind == "list"]
