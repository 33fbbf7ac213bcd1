"""PDF, DOCX, HTML, CSV and XLSX files to text, in a process of their own."""

from rag.parsing.extract import Extract
from rag.parsing.process import parse

__all__ = ["Extract", "parse"]
