"""Files to take away: written where Gradio's own file route serves from, and linked to."""

import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from rag.exports import Form, export_conversation
from rag.history import Conversation
from rag.types import Document
from rag.ui.markup import element, escape
from rag.ui.words import both

DOWNLOAD_SCRIPT = """watch("value", () => {
  const link = element.querySelector("a[download]");
  if (link) link.click();
});"""
"""Follows the link as soon as it is there."""


def download_link(conversation: Conversation, form: Form, documents: Mapping[str, Document]) -> str:
    """Write the conversation into Gradio's cache and give a link to the file as HTML.

    It is deleted after `entrance.temporary.KEEP_SECONDS`, or when the server ends.
    """
    file = export_conversation(conversation, form, documents)
    path = save_bytes_to_cache(file.data, file.name, get_upload_folder())
    Path(path).chmod(0o600)
    link = element(
        "a",
        escape(f"{both('下载', 'Download')} {file.name}"),
        href=f"gradio_api/file={quote(path)}",
        download=file.name,
    )
    # The time makes it another value, so that a second export of the same is downloaded, too.
    return element("p", link, class_="rag-place", data_made=str(time.time_ns()))
