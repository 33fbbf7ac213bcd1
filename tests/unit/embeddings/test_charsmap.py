import unicodedata

import pytest
from tokenizers.normalizers import Precompiled

from embeddings.charsmap import build_charsmap


def test_every_mapped_character_is_replaced_and_no_other():
    mapping = {"\t": " ", "①": "1", "㎡": "m2", "\u0007": "", "ﷺ": "صلى الله", "𝐀": "A"}
    normaliser = Precompiled(build_charsmap(mapping))
    for code_point in [*range(1, 0xD800), *range(0x1D400, 0x1D800)]:
        character = chr(code_point)
        expected = mapping.get(character, character)
        assert normaliser.normalize_str(character) == expected, hex(code_point)


def test_a_map_as_large_as_nfkc_holds():
    characters = [chr(c) for c in range(0xA0, 0x20000) if not 0xD800 <= c < 0xE000]
    mapping = {c: n for c in characters if (n := unicodedata.normalize("NFKC", c)) != c}
    normaliser = Precompiled(build_charsmap(mapping))
    assert len(mapping) > 3000
    assert [c for c in mapping if normaliser.normalize_str(c) != mapping[c]] == []


def test_text_is_replaced_character_by_character():
    normaliser = Precompiled(build_charsmap({"\u3000": " ", "０": "0", "％": "%"}))
    assert normaliser.normalize_str("增长\u30001０％～") == "增长 10%～"


def test_an_empty_map_changes_nothing():
    assert Precompiled(build_charsmap({})).normalize_str("人口 abc") == "人口 abc"


@pytest.mark.parametrize(("key", "value"), [("ab", "c"), ("", "c"), ("a", "\0"), ("\0", "a")])
def test_what_the_table_cannot_hold_is_refused(key, value):
    with pytest.raises(ValueError, match="cannot map"):
        build_charsmap({key: value})
