import pytest

from rag.pages.light import Box, Glyph, Light, Wanted, find_light
from rag.types import Span

HEIGHT, WIDTH = 0.02, 0.01


def page(*lines: str) -> list[Glyph]:
    """Characters of equal size, line below line."""
    return [
        Glyph(
            character,
            Box(
                column * WIDTH,
                row * 2 * HEIGHT,
                (column + 1) * WIDTH,
                row * 2 * HEIGHT + HEIGHT,
            ),
        )
        for row, line in enumerate(lines)
        for column, character in enumerate(line)
    ]


def columns(light: Light | None) -> list[tuple[int, int, int]]:
    """Row, first and last column of each lit box."""
    assert light is not None
    return [
        (round(box.top / HEIGHT / 2), round(box.left / WIDTH), round(box.right / WIDTH))
        for box in light.evidence
    ]


def test_a_stretch_is_one_box_on_each_of_its_lines():
    glyphs = page("全县共识别贫困户1", "2860户，任务重")
    assert columns(find_light(glyphs, Wanted("贫困户12860户"))) == [(0, 5, 9), (1, 0, 5)]


def test_the_answer_in_it_has_boxes_of_its_own():
    glyphs = page("共有贫困户1", "2860户，任务重")
    light = find_light(glyphs, Wanted("贫困户12860户", answers=(Span(3, 9),)))
    assert light is not None
    assert [(round(b.left / WIDTH), round(b.right / WIDTH)) for b in light.answers] == [
        (5, 6),
        (0, 5),
    ]


@pytest.mark.parametrize(
    ("drawn", "text"),
    [
        (("was com-", "pleted"), "was completed"),
        (("was com\x02", "pleted"), "was completed"),
        (("人 口 ４１", "万"), "人口41万"),
        (("就业1240人1。",), "就业1240人[1] 。"),
        (("ﬁgures",), "figures"),
    ],
)
def test_what_the_layout_added_makes_no_difference(drawn, text):
    assert find_light(page(*drawn), Wanted(text)) is not None


def test_of_the_same_words_in_two_places_the_surroundings_decide():
    glyphs = page("新建5座。乙县新建5座，", "甲县新建5座。")
    second = Wanted("新建5座", before="乙县", after="，甲县")
    third = Wanted("新建5座", before="新建5座，甲县", after="。")
    assert columns(find_light(glyphs, second)) == [(0, 7, 11)]
    assert columns(find_light(glyphs, third)) == [(1, 2, 6)]


@pytest.mark.parametrize("text", ["没有的话", "", " \n"])
def test_what_is_not_on_the_page_is_not_lit(text):
    assert find_light(page("甲县新建5座。"), Wanted(text)) is None


def test_characters_without_extent_are_not_lit():
    glyphs = [Glyph("甲", Box(0.1, 0.1, 0.1, 0.1))]
    assert find_light(glyphs, Wanted("甲")) is None
