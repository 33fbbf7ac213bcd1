import copy
from dataclasses import replace

import pytest
import torch
from transformers.modeling_outputs import BaseModelOutput

from rag.reader import decoding
from rag.reader.decoding import decode_groups
from rag.reader.fusion_in_decoder import encode_sources, fuse, join
from rag.reader.inputs import make_source

PASSAGES = ("某县搬迁1204户5020人。", "乙县脱贫33人。")


@pytest.fixture
def group(tokenizer):
    return [make_source(tokenizer, "搬迁多少户", "某县", text) for text in PASSAGES]


@pytest.fixture
def talkative(model, tokenizer):
    """The model, made to like separators and the words yes and no."""
    changed = copy.deepcopy(model)
    for token in (tokenizer.sep_id, *tokenizer.encode("是否").ids):
        changed.output_bias.data[token] += 8.0
    return changed


def loss(model, group, steps):
    """Negative log-likelihood of steps, each a position in the joined passages and a token."""
    joined = join([group], 1)
    return float(
        model(
            encoder_outputs=BaseModelOutput(fuse(encode_sources(model, group), [group])),
            source_ids=joined.input_ids,
            attention_mask=joined.attention_mask,
            copy_mask=joined.copy_mask,
            decoder_input_ids=torch.tensor([[0, *(token for _, token in steps[:-1])]]),
            label_positions=torch.tensor([[position for position, _ in steps]]),
            label_ids=torch.tensor([[token if at < 0 else -100 for at, token in steps]]),
        ).loss
    )


def steps_of(group, candidate, tokenizer):
    source = group[candidate.source]
    offset = sum(len(one.ids) for one in group[: candidate.source])
    steps = [(-1, tokenizer.encode(candidate.word).ids[0])] if candidate.word else []
    for number, (first, last) in enumerate(candidate.spans):
        if number:
            steps.append((-1, tokenizer.sep_id))
        places = range(source.first_copy + first, source.first_copy + last + 1)
        steps.extend((offset + place, source.ids[place]) for place in places)
    return [*steps, (-1, tokenizer.eos_id)]


def assert_as_trained(model, group, candidates, tokenizer):
    for candidate in candidates:
        expected = -loss(model, group, steps_of(group, candidate, tokenizer))
        assert candidate.log_probability == pytest.approx(expected, abs=1e-3)


@torch.inference_mode()
def test_span_probabilities_are_those_of_the_training_loss(model, tokenizer, group):
    (decoded,) = decode_groups(model, tokenizer, [group])
    assert {candidate.source for candidate in decoded.candidates} == {0, 1}
    assert_as_trained(model, group, decoded.candidates, tokenizer)


@torch.inference_mode()
def test_refusal_probability_is_that_of_the_training_loss(model, tokenizer, group):
    (decoded,) = decode_groups(model, tokenizer, [group])
    expected = -loss(model, group, [(-1, tokenizer.refuse_id)])
    assert decoded.refusal == pytest.approx(expected, abs=1e-3)


@torch.inference_mode()
def test_lists_and_yes_or_no_have_the_probabilities_of_the_training_loss(
    talkative, tokenizer, group, monkeypatch
):
    monkeypatch.setattr(decoding, "_LEAST_WORD", -30.0)
    (decoded,) = decode_groups(talkative, tokenizer, [group])
    lists = [candidate for candidate in decoded.candidates if len(candidate.spans) > 1]
    assert lists
    assert {candidate.word for candidate in decoded.candidates} == {"", "是", "否"}
    assert_as_trained(talkative, group, decoded.candidates, tokenizer)


def test_parts_of_a_list_stand_apart_in_one_passage(talkative, tokenizer, group):
    (decoded,) = decode_groups(talkative, tokenizer, [group])
    for candidate in decoded.candidates:
        places = [i for first, last in candidate.spans for i in range(first, last + 1)]
        assert len(places) == len(set(places))
        assert max(places) < len(group[candidate.source].spans)


def test_another_group_beside_it_changes_nothing(model, tokenizer, group):
    other = [make_source(tokenizer, "脱贫多少人", "", "甲县建成" * 20)]
    (alone,) = decode_groups(model, tokenizer, [group])
    beside = decode_groups(model, tokenizer, [other, group])[1]
    assert beside.refusal == pytest.approx(alone.refusal, abs=1e-3)
    assert [c.spans for c in beside.candidates] == [c.spans for c in alone.candidates]


def test_empty_passages_give_no_candidate(model, tokenizer):
    sources = [make_source(tokenizer, "搬迁多少户", "某县", "")]
    assert decode_groups(model, tokenizer, [sources])[0].candidates == ()


@torch.inference_mode()
def test_closed_tokens_are_in_no_answer_and_change_no_probability(model, tokenizer, group):
    (alone,) = decode_groups(model, tokenizer, [group])
    best = alone.candidates[0]
    closed = tuple(range(best.spans[0][0], best.spans[0][1] + 1))
    group[best.source] = replace(group[best.source], closed=closed)
    (decoded,) = decode_groups(model, tokenizer, [group])
    assert decoded.refusal == pytest.approx(alone.refusal, abs=1e-3)
    assert decoded.candidates
    for candidate in decoded.candidates:
        for first, last in candidate.spans:
            assert candidate.source != best.source or not {*closed} & {*range(first, last + 1)}
    assert_as_trained(model, group, decoded.candidates, tokenizer)


def test_passages_that_are_closed_throughout_give_no_candidate(model, tokenizer, group):
    shut = [replace(source, closed=tuple(range(len(source.spans)))) for source in group]
    assert decode_groups(model, tokenizer, [shut])[0].candidates == ()


@pytest.mark.parametrize("name", ["model", "talkative"])
def test_scoring_short_spans_first_finds_the_same_answers(
    request, monkeypatch, tokenizer, group, name
):
    model = request.getfixturevalue(name)
    (whole,) = decode_groups(model, tokenizer, [group])
    for few in (1, 3):
        monkeypatch.setattr(decoding, "_FEW_TOKENS", few)
        (found,) = decode_groups(model, tokenizer, [group])
        assert found.candidates[0].spans == whole.candidates[0].spans
        assert found.candidates[0].log_probability == pytest.approx(
            whole.candidates[0].log_probability, abs=1e-4
        )
