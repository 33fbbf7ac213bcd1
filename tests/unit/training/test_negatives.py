from training.negatives import BigramIndex

TEXTS = ["搬迁安置", "搬迁", "森林覆盖", "搬迁", "产业"]


def test_nearest_are_the_best_first_and_ties_in_order():
    assert BigramIndex(TEXTS).nearest("搬迁多少", 2) == [1, 3]
    assert BigramIndex(TEXTS).nearest("搬迁多少", 9) == [1, 3, 0]


def test_texts_that_share_nothing_are_not_near():
    assert BigramIndex(TEXTS).nearest("旅游", 9) == []
    assert BigramIndex(TEXTS).nearest("搬", 9) == []
