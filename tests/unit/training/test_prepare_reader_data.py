import json
import re
import sys
from random import Random

import pytest

from rag.types import Span
from training import prepare_reader_data
from training.corpus import HumanQuestion
from training.examples import read_examples
from training.prepare_reader_data import Recipe, human_examples


def prepare(data, seeds, out, *options):
    arguments = [str(data), str(out), "--seeds", str(seeds), "--made", "700", "--held-out", "40"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["prepare", *arguments, *options])
        prepare_reader_data.main()
    return list(read_examples(out / "train.jsonl.gz"))


@pytest.fixture(scope="module")
def folder(data, seeds, tmp_path_factory):
    out = tmp_path_factory.mktemp("sets")
    prepare(data, seeds, out, "--workers", "1")
    return out


@pytest.fixture(scope="module")
def examples(folder):
    return list(read_examples(folder / "train.jsonl.gz"))


def test_answers_stand_in_their_passages(examples):
    answered = [example for example in examples if example.gold >= 0]
    assert len(answered) > 400
    for example in answered:
        text = example.passages[example.gold].text
        assert example.negatives[example.gold] == "gold"
        assert all(0 <= start < end <= len(text) for start, end in example.spans)


def test_all_kinds_and_negatives_are_made(examples):
    kinds = {example.kind for example in examples}
    assert {"number", "money", "double", "percent", "list", "items", "yesno", "human"} <= kinds
    negatives = {name for example in examples for name in example.negatives}
    assert {"other passage", "other place", "sentence removed", "half answer"} <= negatives


def test_silent_questions_have_no_answer_among_their_passages(examples):
    silent = [example for example in examples if example.gold < 0]
    assert len(silent) > 50
    assert all(not example.spans and "gold" not in example.negatives for example in silent)


def test_passages_of_an_answered_figure_do_not_repeat_it(examples):
    for example in examples:
        if example.gold >= 0 and example.kind in ("double", "money") and not example.word:
            others = [p.text for p in example.passages if p != example.passages[example.gold]]
            assert not any(re.search(rf"(?<!\d){example.answer}", text) for text in others)


def test_what_is_measured_with_stays_out(examples, folder):
    assert not any(
        "隐山水库" in passage.text for example in examples for passage in example.passages
    )
    assert not any("谁主持建成水库" in example.question for example in examples)
    left_out = json.loads((folder / "manifest.json").read_text())["left out as measured with"]
    assert left_out["human questions"] == 30
    assert left_out["windows"] > 0


def test_the_same_seed_gives_the_same_set_whatever_the_workers(data, seeds, folder, tmp_path):
    prepare(data, seeds, tmp_path, "--workers", "2")
    hashes = [
        json.loads((out / "manifest.json").read_text())["train"]["sha256"]
        for out in (folder, tmp_path)
    ]
    assert hashes[0] == hashes[1]


def test_samples_show_the_answers_in_place(folder):
    assert re.search("【.+】", (folder / "samples.md").read_text("utf-8"))


def test_a_silent_question_with_one_passage_has_one_to_read():
    context = "".join(f"第{n}段讲的是修路和架桥的事情。" for n in range(60))
    asked = HumanQuestion("第三段讲什么？", "路", context, (Span(30, 34),), "file")
    recipe = Recipe(silent=2.0, most_passages=1)
    (example,) = human_examples([asked], recipe, Random(1))
    assert (example.gold, len(example.passages)) == (-1, 1)
