import pytest

from rag.types import Section, Span
from rag.ui.viewer.stretch import around, earlier, later, outline

LINES = "".join(f"第{n:04d}行𠮷。\n" for n in range(1000))
WIDTH = len(LINES) // 1000


def test_a_window_starts_and_ends_with_whole_lines():
    span = Span(500 * WIDTH + 2, 500 * WIDTH + 5)
    shown = around(LINES, span, 3 * WIDTH)
    assert shown == Span(498 * WIDTH, 503 * WIDTH)
    assert shown.of(LINES).startswith("第0498行")


@pytest.mark.parametrize("span", [Span(0, 3), Span(len(LINES) - 2, len(LINES)), Span(0, 0)])
def test_a_window_at_either_end_stays_within_the_text(span):
    shown = around(LINES, span, 40)
    assert 0 <= shown.start <= span.start
    assert span.end <= shown.end <= len(LINES)


def test_a_window_of_a_short_text_is_all_of_it():
    assert around("甲县。", Span(0, 2), 40) == Span(0, 3)


def test_offsets_behind_the_end_are_held_to_it():
    assert around("甲县。", Span(10, 20), 40) == Span(0, 3)


def test_a_text_without_line_ends_is_cut_by_characters_not_by_surrogates():
    text = "𠮷" * 100
    shown = around(text, Span(50, 51), 10)
    assert shown == Span(40, 61)
    assert shown.of(text) == "𠮷" * 21


def test_earlier_stretches_reach_the_start_without_gap_or_overlap():
    edge, parts = len(LINES), []
    while edge:
        shown = earlier(LINES, edge, 3000)
        assert shown.end == edge
        assert 0 < len(shown) <= 3000
        parts.append(shown.of(LINES))
        edge = shown.start
    assert "".join(reversed(parts)) == LINES


def test_later_stretches_reach_the_end_without_gap_or_overlap():
    edge, parts = 0, []
    while edge < len(LINES):
        shown = later(LINES, edge, 3000)
        assert shown.start == edge
        assert 0 < len(shown) <= 3000
        parts.append(shown.of(LINES))
        edge = shown.end
    assert "".join(parts) == LINES


def sections(*levels: int) -> list[Section]:
    return [Section(f"{n}", level, Span(n * 10, n * 10 + 10)) for n, level in enumerate(levels)]


def test_all_headings_of_a_short_document_are_shown():
    assert len(outline(sections(1, 2, 3, 2, 1), 0)) == 5


def test_inner_headings_go_where_there_are_too_many():
    shown = outline(sections(*([1, 2, 2, 2] * 20)), 0)
    assert [section.level for section in shown] == [1] * 20


def test_of_too_many_outer_headings_those_around_the_place_are_shown():
    shown = outline(sections(*([1] * 500)), 2500)
    assert len(shown) == 60
    assert shown[0].span.start < 2500 < shown[-1].span.start


def test_a_document_without_headings_has_no_outline():
    assert outline((), 7) == ()
