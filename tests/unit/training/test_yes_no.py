from random import Random

from rag.reader.base import NO, YES
from training.yes_no import yes_no_question

SENTENCE = "全县完成投资18.5亿元，贫困发生率下降到0.4%。"


def asked():
    found = [yes_no_question(SENTENCE, Random(seed)) for seed in range(60)]
    return [one for one in found if one is not None]


def test_yes_repeats_the_statement_and_no_contradicts_it():
    for question, word, (start, end) in asked():
        evidence = SENTENCE[start:end]
        assert word in (YES, NO)
        assert (evidence[:2] in question) or word == NO
        bare = question.replace("是否", "")
        assert bare.startswith(evidence) == (word == YES)


def test_both_answers_are_made():
    assert {word for _, word, _ in asked()} == {YES, NO}
