"""A page of a PDF as a picture, with the stretch of its text that is cited lit."""

from rag.pages.light import Box, Light, Wanted
from rag.pages.process import Picture, draw

__all__ = ["Box", "Light", "Picture", "Wanted", "draw"]
