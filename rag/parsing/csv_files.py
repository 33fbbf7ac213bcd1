"""CSV to text: each row a line that names its headers."""

import csv
import io
from collections import Counter
from itertools import islice

from rag.decoding import decode
from rag.parsing.extract import Extract, from_blocks
from rag.parsing.joining import one_line
from rag.parsing.limits import check_cells
from rag.parsing.tables import Cell, Row, Table, table_blocks

_DELIMITERS = ",;\t"
_SNIFFED_ROWS = 20


def parse_csv(data: bytes, name: str) -> Extract:
    """The rows of a file whose columns are divided by commas, semicolons or tabs."""
    text = decode(data, name)
    rows: list[Row] = []
    n_cells = 0
    for values in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
        n_cells += len(values)
        check_cells(n_cells, name)
        rows.append([Cell(one_line(value)) for value in values])
    return from_blocks(table_blocks(Table(rows)))


def _delimiter(text: str) -> str:
    """The delimiter that cuts most of the first rows into one number of columns, and most."""

    def fitness(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in islice(reader, _SNIFFED_ROWS) if len(row) > 1)
        width, n_rows = max(widths.items(), key=lambda item: item[1] * item[0], default=(0, 0))
        return n_rows, width

    return max(_DELIMITERS, key=fitness)
