"""Colours, fonts and spacing; all fonts are those of the reader's own machine."""

import gradio as gr
from gradio.themes.utils.colors import Color

# Ink blue: calm, and readable as text on white and, in its light shades, on black.
_INK = Color(
    name="ink",
    c50="#f1f5fb",
    c100="#e0e9f5",
    c200="#c4d5eb",
    c300="#9bb8dc",
    c400="#6c94c8",
    c500="#4874b0",
    c600="#335b95",
    c700="#2a4a7a",
    c800="#263f65",
    c900="#233655",
    c950="#17233a",
)
_GREY = Color(
    name="grey",
    c50="#f8f9fb",
    c100="#f1f3f6",
    c200="#e3e7ed",
    c300="#cbd2dc",
    c400="#9aa6b6",
    c500="#6b7686",
    c600="#4f5967",
    c700="#363e4a",
    c800="#262c36",
    c900="#1a1e26",
    c950="#12151b",
)
# Chinese faces first: their Latin letters match, while the reverse mixes two designs.
_FONTS = (
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "system-ui",
    "sans-serif",
)
_MONO_FONTS = ("ui-monospace", "Menlo", "Consolas", "Noto Sans Mono CJK SC", "monospace")


def theme() -> gr.themes.Base:
    """The page's theme for light and dark."""
    return gr.themes.Base(
        primary_hue=_INK,
        secondary_hue=_INK,
        neutral_hue=_GREY,
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_md,
        font=_FONTS,
        font_mono=_MONO_FONTS,
    ).set(
        body_background_fill="#f6f7f9",
        body_background_fill_dark="#12151b",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1a1e26",
        block_border_color="#e3e7ed",
        block_border_color_dark="#2a303b",
        # Gradio's greys for hints are too faint to read (WCAG 2.2, 1.4.3).
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_600",
        input_placeholder_color_dark="*neutral_300",
        block_shadow="none",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_500",
        button_primary_text_color="#ffffff",
        slider_color="*primary_600",
    )
