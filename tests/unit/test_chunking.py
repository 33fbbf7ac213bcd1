import random
from itertools import pairwise

import pytest

from rag.chunking import chunk_document, contextual_header
from rag.metadata import describe
from rag.sentences import split_long
from rag.types import Document, Span

SENTENCE = "全县修建道路{}公里,受益群众{}人,出行条件明显改善。"


def make_report(n_sentences: int = 12) -> Document:
    rng = random.Random(n_sentences)
    lines = ["溪口县道路建设工作报告", "2019年,溪口县坚持把道路建设作为头等大事来抓,全县上下一心。"]
    for part in ("一、回顾", "二、打算"):
        lines.append(part)
        for heading in ("（一）修路", "（二）架桥"):
            body = "".join(SENTENCE.format(rng.randrange(999), n) for n in range(n_sentences))
            lines += [heading, body]
    return describe("xikou", "h", "\n".join(lines))


@pytest.mark.parametrize("max_chars", [50, 120, 300, 2000])
@pytest.mark.parametrize("n_sentences", [1, 3, 12])
def test_chunks_are_exact_ordered_and_cover_the_text(n_sentences: int, max_chars: int):
    document = make_report(n_sentences)
    chunks = chunk_document(document, max_chars)
    assert all(chunk.span.of(document.text) == chunk.text for chunk in chunks)
    assert all(a.span.end <= b.span.start for a, b in pairwise(chunks))
    covered = "".join(chunk.text for chunk in chunks)
    assert "".join(covered.split()) == "".join(document.text.split())


def test_chunks_are_about_the_asked_length_and_hold_whole_sentences():
    chunks = chunk_document(make_report(), 300)
    assert all(80 <= len(chunk.text) <= 330 for chunk in chunks)
    assert all(chunk.text.endswith("。") for chunk in chunks)


def test_chunks_do_not_cross_outermost_headings():
    assert all("二、打算" not in chunk.text[1:] for chunk in chunk_document(make_report(), 300))


def test_tiny_sections_are_merged():
    chunks = chunk_document(make_report(1), 300)
    assert [chunk.section for chunk in chunks][-1][0] == "打算"
    assert len(chunks) <= 4


def test_sentence_longer_than_a_chunk_is_cut_at_inner_punctuation():
    text = "修路" * 20 + "," + "架桥" * 20 + ";" + "通水" * 30 + "。"
    pieces = [span.of(text) for span in split_long(text, Span(0, len(text)), 100)]
    assert "".join(pieces) == text
    assert pieces[0].endswith(";")
    assert all(len(piece) <= 100 for piece in pieces)


def test_text_without_punctuation_is_cut_hard():
    text = "路" * 250
    pieces = list(split_long(text, Span(0, 250), 100))
    assert [len(piece) for piece in pieces] == [100, 100, 50]


def test_repeated_text_is_not_chunked():
    article = "\n".join(SENTENCE.format(n, n * 3) for n in range(9))
    document = describe("a", "h", f"溪口县报告\n{article}\n{article}")
    chunks = chunk_document(document, 300)
    assert document.repeated
    assert not any(chunk.span.overlaps(document.repeated[0]) for chunk in chunks)


def test_header_names_title_place_and_section():
    header = contextual_header(make_report(), ("回顾", "修路"))
    assert header == "溪口县道路建设工作报告 | 溪口县 (Xikou County) | 回顾 > 修路"


def test_header_stays_short():
    document = describe("a", "h", "很长的题目" * 12 + "\n溪口县溪口县")
    assert len(contextual_header(document, ("很长的部分" * 10, "很长的小节" * 10))) <= 85


def test_chunk_ids_are_stable_and_differ_by_place():
    article = "修路。" * 40
    document = describe("a", "h", f"{article}\n一、别处\n{article}")
    ids = [chunk.chunk_id for chunk in chunk_document(document, 100)]
    assert ids == [chunk.chunk_id for chunk in chunk_document(document, 100)]
    assert len(set(ids)) == len(ids)


def test_english_text():
    document = describe("en", "h", "Road report\n" + "The county built 5.2 km of roads. " * 30)
    chunks = chunk_document(document, 300)
    assert all(chunk.text.endswith(".") for chunk in chunks)
