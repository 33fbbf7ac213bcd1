from rag.wording import in_words_of


def test_what_people_say_becomes_what_the_passages_write():
    assert in_words_of("去年GDP是多少？", ["地区生产总值5万亿元"]) == "去年地区生产总值是多少？"
    assert in_words_of("去年GDP是多少？", ["国内生产总值5万亿元"]) == "去年国内生产总值是多少？"


def test_words_that_a_passage_has_stay():
    assert in_words_of("GDP是多少？", ["GDP即地区生产总值"]) == "GDP是多少？"


def test_words_for_which_no_passage_has_another_stay():
    assert in_words_of("头一回开工是什么时候？", ["修路"]) == "头一回开工是什么时候？"


def test_spoken_question_words_are_written():
    assert in_words_of("为啥涨了几个点？", []) == "为什么涨了百分之几？"
