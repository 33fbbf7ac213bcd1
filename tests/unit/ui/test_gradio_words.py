import re
from pathlib import Path

import gradio

from rag.ui.gradio_words import LOCALES, gradio_words

ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"


def shipped(pattern: str) -> set[str]:
    """What `pattern` finds in Gradio's script with its languages and its English."""
    (core,) = ASSETS.glob("core-*.js")
    return set(re.findall(pattern, core.read_text(encoding="utf-8")))


def test_every_language_of_gradio_gets_the_words_of_the_page():
    assert set(LOCALES) == shipped(r"\./lang/([\w-]+)\.json") | {"en"}
    assert set(gradio_words().translations) == set(LOCALES)


def test_each_word_is_one_that_gradio_has():
    for name in gradio_words().translations["en"]:
        assert shipped(rf"\b{name.rpartition('.')[2]}:`"), name
