from dataclasses import replace

from rag.types import Span
from rag.ui.conversation import advance, ask
from rag.ui.sources import sources_panel
from tests.fakes import make_answer, make_passage
from tests.html_reading import Reading
from tests.words import in_chinese


def panel(answer, *documents) -> str:
    return sources_panel(
        advance(ask((), answer.question), answer), {d.document_id: d for d in documents}
    )


def test_a_citation_shows_its_passage_with_exactly_the_answer_marked(answer, document):
    markup = panel(answer, document)
    assert Reading(markup).marked == "41座"
    assert "全县建成茶园8&#44;200亩。" in markup
    assert 'class="evidence">新建电站' in markup
    assert "松溪县总结" in markup
    assert "产业" in markup


def test_the_position_in_the_report_is_told(answer, document):
    span = answer.citations[0].span
    assert f"第 {span.start}–{span.end} 字" in Reading(panel(answer, document)).text


def test_the_first_source_is_open_and_named_for_its_mark(answer, document):
    second = replace(answer.citations[0], mark=2)
    markup = panel(replace(answer, citations=(*answer.citations, second)), document)
    assert markup.count("<details") == 2
    assert markup.count('open=""') == 1
    assert 'id="source&#45;1&#45;1"' in markup
    assert 'id="source&#45;1&#45;2"' in markup


def test_evidence_that_runs_over_its_passage_is_shown_whole(answer, document):
    span = answer.citations[0].span
    wide = Span(span.start - 3, span.end + 6)
    citation = replace(answer.citations[0], span=wide, text=wide.of(document.text))
    markup = panel(replace(answer, citations=(citation,)), document)
    assert wide.of(document.text) in Reading(markup).text


def test_a_report_that_left_the_shelf_still_shows_its_quotation(answer):
    markup = panel(answer)
    assert Reading(markup).marked == "41座"


def test_abstaining_shows_related_passages_apart_from_citations(answer, document):
    found = make_passage(document, "学校12所。")
    silent = replace(answer, text="没有", citations=(), abstained=True, passages=(found,))
    markup = panel(silent, document)
    assert "相关段落（未作为依据）" in markup
    assert "学校12所。" in markup
    assert "<mark" not in markup
    assert "rag&#45;source" not in markup


def test_passages_that_were_cited_are_not_listed_as_unused(answer, document):
    assert "相关段落" not in panel(answer, document)


def test_only_the_latest_answer_is_shown_and_older_ones_are_kept(answer, document):
    turns = advance(ask((), "first"), answer)
    turns = advance(ask(turns, "second"), answer)
    markup = sources_panel(turns, {"songxi": document})
    assert markup.count("rag&#45;shown") == 1
    assert 'id="turn&#45;2" class="rag&#45;turn rag&#45;shown"' in markup
    assert 'id="source&#45;1&#45;1"' in markup


def test_before_the_first_answer_there_is_a_hint(document):
    assert "出处" in sources_panel((), {})
    assert "出处" in sources_panel(ask((), "q"), {})


def test_markup_in_reports_is_text(hostile):
    answer = make_answer(hostile.text, hostile, hostile.text, hostile.text, hostile.text)
    markup = panel(answer, hostile)
    assert "img" not in Reading(markup).tags
    assert Reading(markup).marked == hostile.text


def test_what_is_copied_is_the_answer_with_its_quotation(answer, document):
    markup = panel(answer, document)
    copied = Reading(markup[markup.index("<pre") : markup.index("</section>")]).text
    assert copied.splitlines()[:2] == ["多少座电站？", "41座 [1]"]
    assert "新建电站41座,收入5.2亿元。 (松溪县总结, songxi " in copied


def test_the_page_of_a_citation_is_told(answer, document):
    on_page = replace(answer, citations=(replace(answer.citations[0], page=3),))
    assert "第 3 页" in in_chinese(Reading(panel(on_page, document)).text)
    assert "page" not in Reading(panel(answer, document)).text
