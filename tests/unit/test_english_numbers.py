import pytest

from rag.english_numbers import in_english


@pytest.mark.parametrize(
    ("answer", "english"),
    [
        ("7.9亿元", "790 million yuan"),
        ("104.1亿元", "10.41 billion yuan"),
        ("8205户30935人", "8,205 households, 30,935 people"),
        ("3万多人", "more than 30,000 people"),
        ("三千万元", "30 million yuan"),
        ("80万双", "800,000"),
        ("0.045%", "0.045 percent"),
        ("5个百分点", "5 percentage points"),
        ("3至5万元", "30,000 to 50,000 yuan"),
        ("列第3位", "rank 3"),
        ("2019年4月30日", "30 April 2019"),
        ("2020年4月", "April 2020"),
        ("2019年", "2019"),
        ("340支", ""),
        ("水利部", ""),
    ],
)
def test_figures_in_english(answer, english):
    assert in_english(answer) == english
