"""Readers: passages in, an answer made of their own characters out."""

from rag.reader.base import Reader, ReaderInput, Reading
from rag.reader.loading import load_reader

__all__ = ["Reader", "ReaderInput", "Reading", "load_reader"]
