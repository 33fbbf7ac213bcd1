"""`python -m rag.parsing NAME`: a file on standard input, its text on standard output."""

from rag.parsing.worker import main

main()
