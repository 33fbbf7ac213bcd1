"""Words that Gradio itself puts on the page, in the page's two languages.

Gradio says them in the browser's language, whatever the switch of the page says. Here each of its
languages gets both of ours instead, and `language.js` shows one. What Gradio says in English only
is in `gradio_words.js`.
"""

import gradio as gr

from rag.ui.words import both

# Gradio's languages: it takes the browser's, or English.
LOCALES = (
    "ar", "ca", "ckb", "de", "en", "es", "et", "eu", "fa", "fi", "fr", "he", "hi", "id", "ja", "ko",
    "lt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sv", "ta", "th", "tr", "uk", "ur", "uz",
    "zh-CN", "zh-TW",
)  # fmt: skip
# By Gradio's names; only those that a person meets here.
_WORDS = {
    "chatbot.clear": both("清空对话", "Clear the chat"),
    "common.clear": both("清除", "Clear"),
    "common.error": both("出错", "Error"),
    "common.loading": both("正在加载", "Loading"),
    "common.or": both("或", "or"),
    "common.remove": both("移除", "Remove"),
    "upload_text.click_to_upload": both("点击选择文件", "Click to choose files"),
    "upload_text.drop_file": both("把文件拖到这里", "Drop files here"),
}


def gradio_words() -> gr.I18n:
    """The words for `launch`."""
    return gr.I18n(**dict.fromkeys(LOCALES, _WORDS))
