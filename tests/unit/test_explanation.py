"""What is told of how an answer came about, and that telling costs no second search or reading."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from rag.config import RagConfig
from rag.explanation import Check, CheckName, Explanation, Outcome, Role
from rag.explanation_output import explained_text
from rag.index import build_index
from rag.metadata import describe
from rag.pipeline import RagPipeline
from rag.reader.base import Offer, ReaderInput, Reading, Working
from rag.retrieval import HybridRetriever
from rag.types import Document, Span, Stage
from tests.fakes import HashEncoder

ROADS = "溪口县道路报告\n2019年，溪口县修路300公里，架桥12座。全县通路。"
RAILS = "石桥县铁路报告\n2019年，石桥县设站9个，修路500公里。全县通车。"
ROAD = "溪口县修路多少公里？"
BOTH = "溪口县和石桥县，哪个县修路更多？"


@dataclass
class PatternReader:
    """Copies the first match of `pattern`, or of the asked unit's; tells its working."""

    pattern: str = r"\d+(?:公里|个)"
    confidence: float = 0.9
    threshold: float = 0.5
    model_id = "pattern@1"
    n_read: int = 0

    def read(self, inputs: Sequence[ReaderInput]) -> list[Reading]:
        self.n_read += len(inputs)
        return [self._read(asked) for asked in inputs]

    def _read(self, asked: ReaderInput) -> Reading:
        pattern = r"\d+公里" if "公里" in asked.question else self.pattern
        for number, passage in enumerate(asked.passages):
            if match := re.search(pattern, passage):
                return self._reading(match.group(), number, Span(*match.span()))
        working = Working((), 0, 0, 0.9, self.threshold)
        return Reading("", None, (), 0.0, abstained=True, working=working)

    def _reading(self, text: str, number: int, span: Span) -> Reading:
        offers = Offer(text, number, 0.8, True), Offer("12座", number, 0.1, False)
        working = Working(offers, 7, 2, 0.05, self.threshold)
        sure = self.confidence if text.endswith("公里") else self.confidence - 0.1
        return Reading(text, number, (span,), sure, sure < self.threshold, working=working)


class InventingReader(PatternReader):
    """Gives an answer that no passage holds."""

    def _read(self, asked: ReaderInput) -> Reading:
        return self._reading("999公里", 0, Span(0, 2))


def open_over(
    folder: Path, reader: PatternReader, *documents: Document, **settings: float
) -> RagPipeline:
    config = RagConfig(index=folder / "index")
    index = build_index(documents, HashEncoder(), config)
    config = replace(config, strictness=settings.get("strictness", -1.0))
    return RagPipeline(index, HybridRetriever(index, HashEncoder(), config), reader, config)


@pytest.fixture
def shelf() -> tuple[Document, ...]:
    return describe("roads", "h1", ROADS), describe("rails", "h2", RAILS)


def outcomes(explanation: Explanation) -> dict[CheckName, Outcome]:
    return {check.name: check.outcome for check in explanation.parts[0].checks}


def test_it_holds_the_answer_of_one_search_and_one_reading(tmp_path, shelf, monkeypatch):
    reader = PatternReader()
    pipeline = open_over(tmp_path, reader, *shelf)
    answer = pipeline.ask(ROAD)
    n_read, searched = reader.n_read, []
    search = HybridRetriever.search_many

    def count(*given):
        searched.append(given)
        return search(*given)

    monkeypatch.setattr(HybridRetriever, "search_many", count)
    explanation = pipeline.explain(ROAD)
    assert replace(explanation.answer, seconds=0.0) == replace(answer, seconds=0.0)
    assert (reader.n_read - n_read, len(searched)) == (n_read, 1)


def test_the_query_is_told_as_it_was_searched_and_read(tmp_path, shelf):
    pipeline = open_over(tmp_path, PatternReader(), *shelf)
    (part,) = pipeline.explain("溪口县2019年修路多少公里？").parts
    assert (part.role, part.bare, part.gloss) == (Role.ASKED, "2019年修路多少公里？", "")
    assert (part.places, part.years) == ((("溪口县",),), (2019,))
    assert part.read_as == part.question == "溪口县2019年修路多少公里？"
    assert part.answer == "300公里"
    (foreign,) = pipeline.explain("How long is the road?").parts
    assert foreign.gloss
    assert foreign.read_as != foreign.question


def test_passages_have_their_ranks_in_both_searches(tmp_path, shelf):
    (part,) = open_over(tmp_path, PatternReader(), *shelf).explain("修路架桥多少公里？").parts
    first, second = part.passages
    assert [found.passage.rank for found in part.passages] == [1, 2]
    assert {found.standing.lexical_rank for found in part.passages} == {1, 2}
    assert (first.passage.chunk.document_id, first.standing.lexical_rank) == ("roads", 1)
    assert first.standing.lexical_score > second.standing.lexical_score > 0
    by_dense = sorted(part.passages, key=lambda found: found.standing.dense_rank or 0)
    scores = [found.standing.dense_score or 0.0 for found in by_dense]
    assert scores == sorted(scores, reverse=True)


def test_what_the_reader_offered_is_told(tmp_path, shelf):
    (part,) = open_over(tmp_path, PatternReader(), *shelf).explain(ROAD).parts
    chosen, other = part.candidates
    assert (chosen.text, chosen.rank, chosen.is_chosen, chosen.fits) == ("300公里", 1, True, True)
    assert (other.is_chosen, other.fits) == (False, False)
    assert (part.n_candidates, part.n_unfit, part.refusal) == (7, 2, 0.05)
    assert (part.confidence, part.threshold) == (0.9, 0.5)


def test_the_threshold_is_the_one_in_force(tmp_path, shelf):
    explanation = open_over(tmp_path, PatternReader(), *shelf, strictness=0.95).explain(ROAD)
    assert explanation.parts[0].threshold == 0.95
    assert outcomes(explanation)[CheckName.CONFIDENCE] == Outcome.FAILED
    assert outcomes(explanation)[CheckName.NUMBER] == Outcome.NOT_REACHED
    assert explanation.answer.abstained


def test_all_checks_of_an_answer_have_passed(tmp_path, shelf):
    explanation = open_over(tmp_path, PatternReader(), *shelf).explain(ROAD)
    passed = dict.fromkeys(CheckName, Outcome.PASSED)
    assert outcomes(explanation) == {**passed, CheckName.YEAR: Outcome.NOT_NEEDED}


@pytest.mark.parametrize(
    ("reader", "question", "failed"),
    [
        (PatternReader("没有"), "溪口县有多少所大学？", Check(CheckName.OFFER, Outcome.FAILED)),
        (PatternReader(), "溪口县2018年修路多少公里？", Check(CheckName.YEAR, Outcome.FAILED)),
        (
            PatternReader(),
            "昌平区修路多少公里？",
            Check(CheckName.PLACE, Outcome.FAILED, ("昌平区",)),
        ),
        (PatternReader(confidence=0.4), ROAD, Check(CheckName.CONFIDENCE, Outcome.FAILED)),
        (InventingReader(), ROAD, Check(CheckName.CITATION, Outcome.FAILED)),
        (
            PatternReader("00公里"),
            "溪口县修路多长？",
            Check(CheckName.NUMBER, Outcome.FAILED, ("00公里",)),
        ),
    ],
)
def test_the_check_that_failed_is_named(tmp_path, shelf, reader, question, failed):
    explanation = open_over(tmp_path, reader, *shelf).explain(question)
    assert [c for c in explanation.parts[0].checks if c.outcome == Outcome.FAILED] == [failed]
    assert explanation.answer.abstained
    assert explanation.parts[0].answer == ""


def test_stretches_of_other_years_are_told(tmp_path, shelf):
    pipeline = open_over(tmp_path, PatternReader(), *shelf)
    (part,) = pipeline.explain("溪口县2018年修路多少公里？").parts
    assert any(found.is_partly_closed for found in part.passages)


def test_each_side_of_a_comparison_is_a_part(tmp_path, shelf):
    reader = PatternReader(r"\d+公里")
    explanation = open_over(tmp_path, reader, *shelf).explain(BOTH)
    assert [part.role for part in explanation.parts] == [Role.SIDE, Role.SIDE]
    assert {part.answer for part in explanation.parts} == {"300公里", "500公里"}
    assert {part.places for part in explanation.parts} == {(("溪口县",),), (("石桥县",),)}


def test_a_side_asked_again_is_a_part_of_its_own(tmp_path, shelf):
    parts = open_over(tmp_path, PatternReader(), *shelf).explain(BOTH).parts
    assert [part.role for part in parts] == [Role.SIDE, Role.SIDE, Role.UNIT]
    assert [part.answer for part in parts[1:]] == ["9个", "500公里"]


def test_a_second_report_about_the_place_is_a_part_of_its_own(tmp_path, shelf):
    again = describe("yearbook", "h3", "溪口县交通年报\n2019年，溪口县修路500公里，设站9个。")
    explanation = open_over(tmp_path, PatternReader(), shelf[0], again).explain(ROAD)
    first, second = explanation.parts
    assert (first.role, second.role) == (Role.ASKED, Role.REPORT)
    (found,) = second.passages
    assert found.passage.rank == second.candidates[0].rank == 2
    assert {first.answer, second.answer} == {"300公里", "500公里"}


def test_a_follow_up_is_told_as_completed(tmp_path, shelf):
    pipeline = open_over(tmp_path, PatternReader(), *shelf)
    (part,) = pipeline.explain("那石桥县呢？", earlier=[ROAD]).parts
    assert part.question == "石桥县修路多少公里？"


def test_a_word_looked_for_has_no_parts(tmp_path, shelf):
    explanation = open_over(tmp_path, PatternReader(), *shelf).explain("哪些县提到了设站？")
    assert (explanation.parts, explanation.term) == ((), "设站")
    assert "looked through for: 设站" in explained_text(explanation)


def test_the_stages_are_timed(tmp_path, shelf):
    explanation = open_over(tmp_path, PatternReader(), *shelf).explain(ROAD)
    seconds = explanation.seconds
    assert min(seconds.search, seconds.read, seconds.check) > 0
    assert seconds.search + seconds.read + seconds.check <= explanation.answer.seconds


def test_the_steps_come_before_the_explanation(tmp_path, shelf):
    *stages, last = open_over(tmp_path, PatternReader(), *shelf).stream_explained(ROAD)
    assert [stage.name for stage in stages if isinstance(stage, Stage)] == [
        "searching", "reading", "checking"
    ]  # fmt: skip
    assert isinstance(last, Explanation)


def test_a_reader_that_tells_nothing_leaves_it_open(tmp_path, shelf):
    class SilentReader(PatternReader):
        def _read(self, asked: ReaderInput) -> Reading:
            return replace(super()._read(asked), working=None)

    explanation = open_over(tmp_path, SilentReader(), *shelf).explain(ROAD)
    (part,) = explanation.parts
    assert (part.candidates, part.refusal, part.threshold) == ((), None, None)
    assert outcomes(explanation)[CheckName.KIND] == Outcome.NOT_NEEDED
    assert "threshold the reader's own" in explained_text(explanation)
