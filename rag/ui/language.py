"""The switch between the languages of the page; `language.js` works it."""

from rag.ui.markup import element, escape
from rag.ui.words import both

# Each language by its own name, so that it is found by those who read no other.
_LANGUAGES = (("zh", "zh-CN", "中文"), ("en", "en", "English"))


def language_switch() -> str:
    """A button for each language; the script marks the one in use as pressed."""
    buttons = "".join(
        element("button", escape(name), type="button", lang=tag, data_speak=language)
        for language, tag, name in _LANGUAGES
    )
    label = both("界面语言", "Language of the page")
    return element("div", buttons, class_="rag-languages", role="group", aria_label=label)
