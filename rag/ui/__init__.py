"""The chat page: Gradio blocks, HTML rendering escaped in one place, and the local server."""

from embeddings.offline import go_offline

# Gradio imports huggingface_hub, which reads its offline switch once, at import.
go_offline()

from rag.ui.page import build_app  # noqa: E402
from rag.ui.server import launch, serve  # noqa: E402

__all__ = ["build_app", "launch", "serve"]
