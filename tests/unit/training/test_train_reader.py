from itertools import islice

import torch

from rag.reader.inputs import make_source
from rag.reader.tokenizer import SPECIAL_TOKENS, ReaderTokenizer
from training.examples import Example, Passage
from training.train_reader import LabelledExample, batches, collate_labels

TOKENIZER = ReaderTokenizer([*SPECIAL_TOKENS, *"甲县搬迁多少户人是否一二三茶柑橘0123456789、。"])


def example(spans, gold=1, word=""):
    passages = (Passage("", "甲县一。"), Passage("甲", "甲县搬迁12户。茶。柑橘。"))
    return Example("搬迁多少户", passages, gold, spans, "number", ("other", "gold"), "", word)


def written(labelled):
    joined = [token for source in labelled.sources for token in source.ids]
    return "".join(
        TOKENIZER.tokens[joined[at] if at >= 0 else token] for at, token in labelled.steps
    )


def test_an_answer_is_copied_from_its_place_in_the_joined_passages():
    assert written(LabelledExample(TOKENIZER, example(((4, 7),)))) == "12户</s>"


def test_parts_of_a_list_are_parted_by_a_separator():
    labelled = LabelledExample(TOKENIZER, example(((8, 9), (10, 12))))
    assert written(labelled) == "茶<sep>柑橘</s>"


def test_yes_or_no_stands_before_its_evidence():
    assert written(LabelledExample(TOKENIZER, example(((4, 7),), word="是"))) == "是12户</s>"


def test_without_an_answer_the_reader_refuses():
    assert written(LabelledExample(TOKENIZER, example((), gold=-1))) == "<refuse>"


def test_an_answer_cut_off_by_the_window_is_refused():
    long = Passage("", "甲" * 600 + "12户")
    cut = Example("搬迁多少户", (long,), 0, ((600, 603),), "number", ("gold",), "")
    assert len(make_source(TOKENIZER, cut.question, "", long.text).ids) == 512
    assert written(LabelledExample(TOKENIZER, cut)) == "<refuse>"


def test_each_step_sees_what_was_written_before():
    batch = [
        LabelledExample(TOKENIZER, example(((4, 7),))),
        LabelledExample(TOKENIZER, example(())),
    ]
    decoder_ids, positions, ids = collate_labels(batch, TOKENIZER.bos_id)
    assert decoder_ids[0].tolist() == [
        TOKENIZER.bos_id, *(token for _, token in batch[0].steps[:-1])
    ]  # fmt: skip
    assert torch.equal((positions >= 0) & (ids >= 0), torch.zeros_like(positions).bool())
    assert ids[0, -1] == TOKENIZER.eos_id


def test_batches_hold_their_share_of_human_questions_and_resume():
    kinds = ["human"] * 5 + ["number"] * 90 + ["double"] * 10
    drawn = list(islice(batches(kinds, 4, 0.5, 0, 1), 200))
    assert all(sum(kinds[place] == "human" for place in batch) == 2 for batch in drawn)
    assert drawn[10:20] == list(islice(batches(kinds, 4, 0.5, 10, 1), 10))
    assert {place for batch in drawn[:3] for place in batch[:2]} == set(range(5))
    rare = sum(kinds[place] == "double" for batch in drawn for place in batch)
    assert 60 < rare < 140  # a quarter of 400, not a tenth
