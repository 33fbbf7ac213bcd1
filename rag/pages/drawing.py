"""The process that draws one page of a PDF and finds the wanted text on it."""

import base64
import io
import sys
from dataclasses import asdict

import pypdfium2
from pypdfium2.raw import FPDFText_GetUnicode

from rag.errors import DocumentError
from rag.pages.light import Box, Glyph, Wanted, find_light
from rag.pages.request import decode_request
from rag.parsing.worker import Record, serve_record

_WIDTH_PIXELS = 1100
# A page may be a strip of any length: neither side nor memory may grow with it.
_MAX_HEIGHT_PIXELS = 2200
_MAX_GLYPHS = 100_000


def main() -> None:
    """Read a request from standard input and write the record of the page."""
    serve_record(_draw, sys.argv[1])


def _draw(given: bytes, name: str) -> Record:
    request = decode_request(given)
    document = pypdfium2.PdfDocument(request.data)
    if not 1 <= request.number <= len(document):
        raise DocumentError(f"{name}: has {len(document)} pages and no page {request.number}")
    return _record(document[request.number - 1], request.wanted)


def _record(page: pypdfium2.PdfPage, wanted: Wanted) -> Record:
    width, height = page.get_size()
    scale = min(_WIDTH_PIXELS / max(width, 1), _MAX_HEIGHT_PIXELS / max(height, 1))
    bitmap = page.render(scale=scale)
    light = find_light(_glyphs(page, bitmap), wanted)
    png = io.BytesIO()
    bitmap.to_pil().save(png, "PNG")
    return {
        "png": base64.b64encode(png.getvalue()).decode("ascii"),
        "width": bitmap.width,
        "height": bitmap.height,
        "light": None if light is None else asdict(light),
    }


def _glyphs(page: pypdfium2.PdfPage, bitmap: pypdfium2.PdfBitmap) -> list[Glyph]:
    """The characters of the page with their places in the picture of it."""
    text, to_pixels = page.get_textpage(), bitmap.get_posconv(page)
    glyphs = []
    for number in range(min(text.count_chars(), _MAX_GLYPHS)):
        left, bottom, right, top = text.get_charbox(number, loose=True)
        (x0, y0), (x1, y1) = to_pixels.to_bitmap(left, top), to_pixels.to_bitmap(right, bottom)
        xs, ys = sorted((x0 / bitmap.width, x1 / bitmap.width)), sorted((y0, y1))
        box = Box(xs[0], ys[0] / bitmap.height, xs[1], ys[1] / bitmap.height)
        glyphs.append(Glyph(chr(FPDFText_GetUnicode(text, number)), box))
    return glyphs
