"""`python -m rag.pages NAME`: a request and a PDF on standard input, a page on standard output."""

from rag.pages.drawing import main

main()
