import pytest

from rag.queries import question_to_read


def test_chinese_questions_are_read_as_asked():
    assert question_to_read("清河县搬迁多少户？", ["清河县"]) == "清河县搬迁多少户？"


def test_unknown_languages_are_read_as_asked():
    assert question_to_read("Blorf zweng?", []) == "Blorf zweng?"


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("What is the land area of Qinghe County?", "多少"),
        ("In which year was the school built?", "什么时候"),
        ("When was the agreement signed?", "什么时候"),
        ("How were the villages helped?", "如何"),
        ("Why were the villages helped?", "为什么"),
        ("Were the villages helped?", "吗"),
    ],
)
def test_english_questions_end_in_the_chinese_question_word(question, word):
    assert question_to_read(question, ["清河县"]).endswith(f"{word}？")


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("How many teachers were added to schools?", "追加学校多少教师？"),
        ("How many demobilized soldiers did the county assign?", "县选派多少退伍军人？"),
        ("How many people were relocated?", "搬迁多少人？"),
        ("Which villages have a school?", "学校哪个村？"),
        ("Which Nanjing district signed the agreement?", "签订南京哪个区？"),
        ("What forest coverage rate was reached?", "森林覆盖率达到多少？"),
        ("What was the GDP in 2017?", "2017年生产总值多少？"),
    ],
)
def test_the_chinese_question_word_stands_before_what_is_counted_or_chosen(question, read):
    assert question_to_read(question) == read


def test_english_terms_become_chinese_and_the_place_is_left_out():
    read = question_to_read("How many teachers work in Qinghe County?", ["清河县"])
    assert "教师" in read
    assert "县" not in read


def test_stays_as_asked_where_the_passages_are_foreign_too():
    question = "How many households were relocated?"
    assert (
        question_to_read(question, (), ("In 2019, 1,204 households were relocated.",)) == question
    )
    assert question_to_read(question, (), ("2019年搬迁1204户。",)) != question
