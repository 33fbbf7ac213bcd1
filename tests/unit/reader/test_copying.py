import json
import math
from itertools import pairwise

import pytest

from rag.errors import ReaderError
from rag.reader import ReaderInput, Reading
from rag.reader.abstention import UNCALIBRATED, Calibration, Evidence
from rag.reader.base import Rewording
from rag.reader.copying import CopyReader
from rag.reader.inputs import make_source
from rag.reader.proposals import Offered, Proposal, best_proposal, merge, tell_working
from rag.reader.windows import OVERLAP_CHARS, WINDOW_CHARS, split_windows
from rag.types import Span


@pytest.fixture
def reader(model, tokenizer):
    return CopyReader(model, tokenizer, UNCALIBRATED, "tiny")


def proposal(text, log_probability, passage=0):
    return Proposal(
        passage, (Span(0, len(text)),), text, log_probability, -1.0, len(text), 0.5, False
    )


def test_every_answer_is_the_passages_own_characters(reader):
    passages = ("某县搬迁１２０４户。", "乙县脱贫 33 人。")
    (reading,) = reader.read([ReaderInput("搬迁多少户", passages, ("", ""))])
    assert reading.passage is not None
    assert reading.spans[0].of(passages[reading.passage]) == reading.text


def test_batching_does_not_change_what_is_read(reader):
    asked = [
        ReaderInput("搬迁多少户", ("某县搬迁1204户。", "乙县"), ("某县", "")),
        ReaderInput("脱贫多少人", ("乙县脱贫33人。" * 9,), ("",)),
    ]
    alone = [reader.read([one])[0] for one in asked]
    together = reader.read(asked)
    assert [r.text for r in together] == [r.text for r in alone]
    assert [r.confidence for r in together] == pytest.approx(
        [r.confidence for r in alone], abs=1e-3
    )


def test_nothing_is_answered_from_a_closed_stretch(reader):
    passage = "某县搬迁1204户。乙县脱贫33人。"
    open_part = Span(passage.index("33"), passage.index("33") + 3)
    closed = (Span(0, open_part.start), Span(open_part.end, len(passage)))
    proposals = reader.propose([ReaderInput("脱贫如何", (passage,), ("",), (closed,))])[0]
    assert proposals
    assert all(
        open_part.start <= span.start and span.end <= open_part.end
        for proposal in proposals
        for span in proposal.spans
    )


def test_what_is_reworded_is_read_so_and_answered_as_it_stands(reader):
    passage, words = "去年脱贫33人。", Rewording(Span(0, 2), "2017年")
    source = make_source(reader.tokenizer, "脱贫如何", "", passage, [words])
    plain = make_source(reader.tokenizer, "脱贫如何", "", "2017年脱贫33人。")
    assert source.ids == plain.ids
    assert source.spans[0] == Span(0, 2)
    assert source.spans[-1] == Span(len(passage) - 1, len(passage))
    (reading,) = reader.read([ReaderInput("脱贫如何", (passage,), ("",), (), ((words,),))])
    assert reading.spans[0].of(passage) == reading.text


def test_only_what_lies_within_a_window_is_reworded_there():
    words = Rewording(Span(4, 6), "2017年")
    asked = ReaderInput("脱贫如何", ("某县脱贫去年。",), ("",), (), ((words,),))
    assert asked.reworded_in(0, Span(3, 7)) == (Rewording(Span(1, 3), "2017年"),)
    assert asked.reworded_in(0, Span(5, 7)) == ()


def test_closed_stretches_are_given_for_each_passage():
    with pytest.raises(ValueError, match="2 passages but 1 closed"):
        ReaderInput("有多少人", ("甲", "乙"), ("", ""), ((),))


def test_long_passages_are_read_to_their_end(model, tokenizer):
    text = "某县建成。" * 200 + "搬迁1204户。"
    each = CopyReader(model, tokenizer, UNCALIBRATED, "tiny", fused=False)
    proposals = each.propose([ReaderInput("建成了什么", (text,), ("",))])[0]
    assert max(p.spans[-1].end for p in proposals) > len(text) - WINDOW_CHARS
    assert all("、".join(s.of(text) for s in p.spans) == p.text for p in proposals)


def test_one_text_in_two_places_is_offered_once_with_both_probabilities():
    merged = merge([proposal("33人", -1.0), proposal("33人", -2.0, passage=1)])
    assert [p.passage for p in merged] == [0]
    assert merged[0].log_probability == pytest.approx(math.log(math.exp(-1) + math.exp(-2)))


def test_yes_or_no_is_shown_before_its_evidence():
    reading = Reading("搬迁1204户", 0, (Span(0, 7),), 0.9, abstained=False, word="是")
    assert reading.answer == "是：搬迁1204户"


def test_answers_of_another_kind_are_not_offered(reader):
    asked = ReaderInput("搬迁多少户、多少人", ("某县搬迁1204户。", "1204户5020人"), ("", ""))
    proposals = reader.propose([asked])[0]
    assert all("户" in p.text and "人" in p.text for p in proposals)


def test_no_passage_gives_silence(reader):
    (reading,) = reader.read([ReaderInput("搬迁多少户", (), ())])
    assert reading.abstained
    assert reading.spans == ()


def test_the_threshold_decides_on_silence(model, tokenizer):
    asked = [ReaderInput("建成何处", ("某县建成某区。",), ("",))]
    strict = Calibration(UNCALIBRATED.weights, 0.0, 1.0, 0.0)
    (reading,) = CopyReader(model, tokenizer, strict, "tiny").read(asked)
    assert reading.abstained
    assert reading.text


def test_the_working_tells_the_best_offers_with_the_chosen_one():
    fitting = [proposal(f"{n}户", -1.0 - n, passage=1) for n in range(8)]
    unfit = [proposal("33人", -0.5)]
    working = tell_working(Offered(fitting, unfit, math.log(0.2)), fitting[7], 0.6)
    assert [offer.text for offer in working.offers] == [
        "33人", "0户", "1户", "2户", "3户", "7户"
    ]  # fmt: skip
    assert [offer.fits for offer in working.offers] == [False, *[True] * 5]
    assert working.offers[1].probability == pytest.approx(math.exp(-1.0))
    assert (working.n_offers, working.n_unfit, working.threshold) == (9, 1, 0.6)
    assert working.refusal == pytest.approx(0.2)


def test_a_reading_tells_its_working(reader):
    asked = [
        ReaderInput("脱贫如何", ("某县搬迁1204户。乙县脱贫33人。",), ("",)),
        ReaderInput("搬迁多少户", ("某县搬迁。",), ("",)),
    ]
    answered, silent = reader.read(asked)
    assert (answered.answer, answered.passage) in [
        (offer.text, offer.passage) for offer in answered.working.offers if offer.fits
    ]
    assert 0 <= answered.working.refusal <= 1
    assert silent.text == ""
    assert silent.working.n_unfit == silent.working.n_offers > 0


def test_margin_is_taken_against_a_different_answer():
    found = best_proposal([proposal("33人", -1.0), proposal("3人", -1.5), proposal("9", -4.0)], 0)
    assert found is not None
    assert found[1].margin == pytest.approx(3.0)


def test_later_passages_pay_for_their_rank():
    found = best_proposal([proposal("33人", -1.0), proposal("9人", -0.9, passage=1)], 0.3)
    assert found is not None
    assert found[0].text == "33人"


@pytest.mark.parametrize("length", [0, 10, WINDOW_CHARS, WINDOW_CHARS + 1, 3000])
def test_windows_cover_the_text_and_overlap(length):
    text = ("某县建成公路。" * 500)[:length]
    windows = list(split_windows(text))
    assert windows[0].start == 0
    assert windows[-1].end == length
    assert all(len(window) <= WINDOW_CHARS for window in windows)
    for before, after in pairwise(windows):
        assert OVERLAP_CHARS <= before.end - after.start < WINDOW_CHARS


def test_confidence_rises_with_probability_and_stays_a_probability():
    low, high = (Evidence(value, -1.0, 1.0, 1, 3, 0.5, True) for value in (-30.0, -0.1))
    calibration = Calibration((1.0, 0.1, 0.1, -0.1, -0.1, 0.1, 0.1, 0.1), 0.5, 0.5, 0.3)
    assert 0 <= calibration.confidence(low) < calibration.confidence(high) <= 1


def test_certain_refusal_stays_finite():
    assert all(map(math.isfinite, Evidence(-0.1, 0.0, 1.0, 1, 1, 0.0, False).features()))


def test_calibration_survives_its_file(tmp_path):
    calibration = Calibration((1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0), 0.5, 0.6, 0.3)
    calibration.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == calibration


@pytest.mark.parametrize(
    "written",
    ['{"bias": 1}', '{"weights": [1], "bias": 0, "threshold": 0.5, "rank_penalty": 0.5}'],
)
def test_wrong_calibration_is_told(tmp_path, written):
    (tmp_path / "calibration.json").write_text(written, "utf-8")
    with pytest.raises(ReaderError, match="cannot read the reader's calibration"):
        Calibration.load(tmp_path / "calibration.json")


def test_damaged_weights_are_told(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"other")
    (tmp_path / "hashes.json").write_text(json.dumps({"model.safetensors": "0" * 64}), "utf-8")
    with pytest.raises(ReaderError, match="damaged or missing"):
        CopyReader.load(tmp_path)


def test_missing_reader_is_told(tmp_path):
    with pytest.raises(ReaderError, match="no reader in"):
        CopyReader.load(tmp_path)
