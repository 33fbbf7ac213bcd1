import pytest

from rag.errors import ReaderError
from rag.reader.tokenizer import SPECIAL_TOKENS, ReaderTokenizer, fold_character


def test_each_character_and_digit_is_a_token_with_its_place(tokenizer):
    text = "搬迁 1204户"
    encoded = tokenizer.encode(text)
    assert [span.of(text) for span in encoded.spans] == list("搬迁1204户")


def test_full_width_and_traditional_forms_share_the_token_but_keep_their_place(tokenizer):
    assert tokenizer.encode("貧困１２％").ids == tokenizer.encode("贫困12%").ids


def test_latin_words_are_cut_into_the_longest_known_pieces(tokenizer):
    text = "How manyt peoples"
    pieces = [span.of(text) for span in tokenizer.encode(text).spans]
    assert pieces == ["How", "many", "t", "people", "s"]


def test_chinese_is_cut_into_its_most_probable_pieces():
    scores = {
        "贫": -9.0,
        "困": -9.0,
        "人": -6.0,
        "口": -7.0,
        "贫困": -10.0,
        "人口": -8.0,
        "困人": -9.5,
    }
    tokenizer = ReaderTokenizer([*SPECIAL_TOKENS, *scores, "1", "2"], scores)
    text = "貧困人口12人某"
    encoded = tokenizer.encode(text)
    assert [span.of(text) for span in encoded.spans] == ["貧困", "人口", "1", "2", "人", "某"]
    assert encoded.ids[0] == tokenizer.encode("贫困").ids[0]
    assert encoded.ids[-1] == tokenizer.unk_id


def test_unknown_characters_are_one_token_each(tokenizer):
    assert tokenizer.encode("Ωж").ids == (tokenizer.unk_id, tokenizer.unk_id)


def test_max_tokens_cuts_ids_and_spans_alike(tokenizer):
    encoded = tokenizer.encode("某县搬迁1204户", max_tokens=3)
    assert len(encoded.ids) == len(encoded.spans) == 3


def test_saved_vocabulary_loads_the_same(tokenizer, tmp_path):
    words = ReaderTokenizer(tokenizer.tokens, {"搬迁": -8.5})
    words.save(tmp_path / "vocabulary.json")
    loaded = ReaderTokenizer.load(tmp_path / "vocabulary.json")
    assert (loaded.tokens, loaded.scores) == (words.tokens, words.scores)


def test_damaged_vocabulary_is_told(tmp_path):
    (tmp_path / "vocabulary.json").write_text("[", "utf-8")
    with pytest.raises(ReaderError, match="cannot read the reader's vocabulary"):
        ReaderTokenizer.load(tmp_path / "vocabulary.json")


def test_vocabulary_needs_its_special_tokens():
    with pytest.raises(ValueError, match="lacks <sep>"):
        ReaderTokenizer(SPECIAL_TOKENS[:-1])


def test_ligatures_that_fold_to_several_characters_are_left_alone():
    assert fold_character("㎞") == "㎞"
