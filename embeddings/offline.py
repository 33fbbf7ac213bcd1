"""The switches that keep third-party libraries off the network."""

import os

OFFLINE_SWITCHES = {
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    # In Gradio's spelling: a page without analytics sets it so, whatever it was.
    "HF_HUB_DISABLE_TELEMETRY": "True",
    "HF_HUB_OFFLINE": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TRANSFORMERS_OFFLINE": "1",
}


def go_offline() -> None:
    """Set the offline switches; call before the first import of a library that reads them.

    `huggingface_hub` reads `HF_HUB_OFFLINE` once, when it is imported.
    """
    os.environ.update(OFFLINE_SWITCHES)
