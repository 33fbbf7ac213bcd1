from random import Random

from training.lists import enumeration_question, find_enumerations, take_apart

TEXT = (
    "坚持精准方略。重点做好以下工作：一是加强组织领导；二是落实帮扶资金，三是强化监督。其他从略。"
)


def test_numbered_items_are_found_with_their_places():
    (found,) = find_enumerations(TEXT)
    assert [TEXT[slice(*item)] for item in found.items] == [
        "加强组织领导", "落实帮扶资金", "强化监督"
    ]  # fmt: skip
    assert found.stem == "重点做好以下工作"


def test_marks_must_count_up_from_one():
    assert not list(find_enumerations("主要问题是：二是资金不足；三是人手不足。"))


def test_a_stem_that_says_nothing_is_not_asked_about():
    (found,) = find_enumerations(TEXT)
    assert enumeration_question(found, Random(1)) is None


def test_a_list_taken_apart_keeps_its_items():
    text = "发展茶叶、柑橘和中药材等产业。"
    for seed in range(10):
        apart = take_apart(text, (2, 11), Random(seed))
        assert apart is not None
        changed, places = apart
        assert [changed[slice(*place)] for place in places] == ["茶叶", "柑橘", "中药材"]
