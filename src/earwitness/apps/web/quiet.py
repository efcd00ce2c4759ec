"""Gradio's only door: it is told to be quiet before it is imported, and kept from fetching."""

from __future__ import annotations

import os
from typing import Any

from earwitness.errors import MissingExtra

# Read by gradio and huggingface_hub while they are imported, or with the first page.
SILENCE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_SSR_MODE": "False",
    "GRADIO_MCP_SERVER": "False",
    "GRADIO_SHARE": "False",
    "HF_HUB_DISABLE_TELEMETRY": "True",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "DO_NOT_TRACK": "1",
}
os.environ.update(SILENCE)

try:
    import gradio as gr
    from gradio import processing_utils
except ImportError as error:
    raise MissingExtra("The page", extra="serve") from error

__all__ = ["SILENCE", "gr"]


async def _refuse(url: str, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - stands in for gradio's
    raise ValueError(f"{url[:80]}: files are uploaded to this page, it fetches none.")


def _refuse_at_once(url: str, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - the same
    raise ValueError(f"{url[:80]}: files are uploaded to this page, it fetches none.")


# A client may name a URL where a file is expected, and gradio would fetch it.
processing_utils.async_ssrf_protected_get = _refuse
processing_utils.async_ssrf_protected_download = _refuse
processing_utils.ssrf_protected_download = _refuse_at_once
processing_utils.save_url_to_cache = _refuse_at_once
