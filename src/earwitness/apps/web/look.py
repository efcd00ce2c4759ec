"""How the page looks: a theme with the fonts of whoever reads it, the house's colours, a script."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from earwitness.apps.web.quiet import gr
from earwitness.reporting.verdicts import page as pieces

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Arial", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")
# Gradio's own parts that take a file, and what they are called aloud.
NAMES = {
    "ew-files": "Choose recordings to be heard, or drop them here",
    "ew-first": "Choose the first recording",
    "ew-second": "Choose the second recording",
    "ew-archive": "Choose a zip archive with the folders Real and Fake",
}


def theme() -> Any:  # noqa: ANN401 - gradio's own class
    """Give the theme: nothing of it is fetched."""
    hues = gr.themes.colors
    return gr.themes.Base(
        primary_hue=hues.sky,
        neutral_hue=hues.stone,
        font=list(FONTS),
        font_mono=list(MONO),
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_lg,
    ).set(
        body_background_fill="#ffffff",
        body_background_fill_dark="#17181a",
        body_text_color="#222222",
        body_text_color_dark="#e8e6e3",
        body_text_color_subdued="#5c5c5c",
        body_text_color_subdued_dark="#a9a6a1",
        block_background_fill="#ffffff",
        block_background_fill_dark="#202225",
        block_border_color="#dddddd",
        block_border_color_dark="#3c3f44",
        button_primary_background_fill="#00558a",
        button_primary_background_fill_hover="#003f68",
        button_primary_background_fill_dark="#7cc0f2",
        button_primary_background_fill_hover_dark="#a5d4f7",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#10202c",
        link_text_color="#00558a",
        link_text_color_dark="#7cc0f2",
    )


def style() -> str:
    """Give the style of what the page shows; gradio makes it weigh more than its own."""
    shared = str(pieces.style()).replace("<style>", "").replace("</style>", "")
    return f"{_text('page.css')}\n{shared}"


def head() -> str:
    """Give what goes into the page's head: the style of gradio's own parts, and the script."""
    names = f"window.ewNames = {json.dumps(NAMES)};"
    return (
        f'<meta name="robots" content="noindex"><style>{_text("shell.css")}</style>'
        f"<script>{names}\n{_text('page.js')}</script>"
    )


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
