import json
from pathlib import Path

import pytest

from rag.follow_up import standalone
from rag.types import Document

DIALOGUES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "dialogues.jsonl")
    .read_text("utf-8")
    .splitlines()
]


def shelf(places):
    return [Document(place, "0", "text", place, place=place) for place in places]


def test_there_are_enough_dialogues():
    assert len(DIALOGUES) >= 60
    assert sum(len(dialogue["turns"]) == 3 for dialogue in DIALOGUES) >= 10


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: d["turns"][-1]["asked"])
def test_questions_are_understood_with_those_before(dialogue):
    documents = shelf(dialogue["places"])
    earlier: list[str] = []
    for turn in dialogue["turns"]:
        earlier.append(standalone(turn["asked"], earlier, documents))
        assert earlier[-1] == turn["understood"]


def test_the_first_question_stays():
    assert standalone("那渠县呢？", [], shelf(["渠县"])) == "那渠县呢？"


def test_a_question_after_one_without_place_or_time_stays():
    assert standalone("面积多大？", ["你好"], shelf(["渠县"])) == "面积多大？"
