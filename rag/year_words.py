"""Years of a passage in the words of the question: `去年` for `2017年`, and the other way round.

A report says 今年 and 去年 where a question names the year, and names the year where a question,
asked of the report, says 去年. A reader takes the two for different times.
"""

from rag.periods import RELATIVE_YEARS, find_periods, years_written
from rag.reader.base import Rewording
from rag.types import Document


def year_words(question: str, text: str, document: Document) -> tuple[Rewording, ...]:
    """What to read in `text`, a part of `document`, for years that `question` tells otherwise.

    None where it is not certain in which year the report was written.

    Args:
        question: As asked.
        text: A passage.
        document: The report.
    """
    present = years_written(document)
    if len(present) != 1:
        return ()
    words: dict[frozenset[int], str] = {}
    for period in find_periods(question, present):
        word = period.span.of(question)
        if len(period.years) == 1:
            words[period.years] = word if word in RELATIVE_YEARS else f"{min(period.years)}年"
    return tuple(
        Rewording(period.span, words[period.years])
        for period in find_periods(text, present)
        if period.years in words
        and (period.span.of(text) in RELATIVE_YEARS) != (words[period.years] in RELATIVE_YEARS)
    )
