"""The values that flow from report files to answers with citations. All are frozen."""

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range `[start, end)` of Python string offsets into a canonical text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, got [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The characters of `text` that this span covers."""
        return text[self.start : self.end]

    def shift(self, offset: int) -> "Span":
        """This span moved by `offset` characters."""
        return Span(self.start + offset, self.end + offset)

    def within(self, outer: "Span") -> "Span":
        """The part of this span in `outer`; if there is none, the nearest place in it, empty."""
        start = min(max(self.start, outer.start), outer.end)
        return Span(start, min(max(self.end, start), outer.end))

    def overlaps(self, other: "Span") -> bool:
        """True if the two spans share at least one character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the stretch of text that stands under it.

    Attributes:
        title: The heading's own words, without its number's trailing punctuation.
        level: 1 for the outermost heading.
        span: From the heading's first character to the end of what stands under it.
    """

    title: str
    level: int
    span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """A source report as canonical text; every offset in the product refers to `text`.

    Attributes:
        document_id: Stable name: the stem of the source file.
        document_hash: SHA-256 of the source bytes, in hex. A change of hash is an update.
        text: The canonical text.
        title: The report's title, or a description derived from its text.
        place: The region that the report is about, such as `某县`, or None.
        years: Years that the report covers, ascending.
        published: Date of publication, `YYYY-MM-DD` or a prefix of it, or None.
        sections: Headings in order of appearance.
        repeated: Stretches that repeat earlier text; they are neither indexed nor cited.
        pages: What stands on each page, in order; empty where the kind of file has no pages.
    """

    document_id: str
    document_hash: str
    text: str
    title: str
    place: str | None = None
    years: tuple[int, ...] = ()
    published: str | None = None
    sections: tuple[Section, ...] = ()
    repeated: tuple[Span, ...] = ()
    pages: tuple[Span, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The page, from 1, on which `offset` stands; None if there are no pages."""
        return bisect_right(self.pages, offset, key=lambda page: page.start) or None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the shelf, as it was when it was read or left out.

    Attributes:
        path: Absolute.
        file_hash: SHA-256 of its bytes and of its sidecar's, in hex; empty if it was not read,
            because of its name, kind or size.
        message: Why it was left out, one line that names it; empty if it is a document.
        max_parse_seconds: For a file that was read and left out, the time limit it was tried with.
    """

    path: str
    file_hash: str
    message: str = ""
    max_parse_seconds: float = 0.0

    @property
    def document_id(self) -> str:
        """The stem of the file: what its report is known by."""
        return PurePath(self.path).stem


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored piece of a document: `document.text[span.start:span.end] == text`.

    Attributes:
        chunk_id: Hash of document id, span and text, in hex.
        document_id: The document it was cut from.
        span: Where it stands in the document's canonical text.
        text: The characters of the span.
        header: Contextual header (title, place, section path): indexed and read, never cited.
        section: Titles of the headings above it, outermost first.
    """

    chunk_id: str
    document_id: str
    span: Span
    text: str
    header: str
    section: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk retrieved for a query.

    Attributes:
        chunk: What was found.
        score: Higher is better; comparable within one query only.
        rank: From 1.
        retriever: Name of the retriever that found it.
    """

    chunk: Chunk
    score: float
    rank: int
    retriever: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact place that an answer comes from.

    Attributes:
        mark: The number shown as `[1]`.
        document_id: The report.
        title: The report's title.
        section: Titles of the headings above the quoted text, outermost first.
        span: The quoted evidence, whole sentences, in the report's canonical text.
        text: The characters of `span`.
        answer_spans: The answer's own characters, each within `span`, same offsets.
        page: The page on which `span` starts, from 1; None if the report has no pages.
    """

    mark: int
    document_id: str
    title: str
    section: tuple[str, ...]
    span: Span
    text: str
    answer_spans: tuple[Span, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What a comparison found for one place.

    Attributes:
        place: The place.
        answer: What its report says, in its own words.
        marks: Marks of the citations that show it.
    """

    place: str
    answer: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown for a question.

    Attributes:
        question: As asked.
        text: The answer with its `[n]` marks, or the sentence that says there is none.
        short: The answer's own words without marks; empty when abstaining.
        citations: Nothing is cited that was not used; empty when abstaining.
        confidence: Probability, in [0, 1], that `short` is right.
        abstained: True if the reports are taken not to say.
        passages: What was retrieved, best first.
        seconds: Wall-clock time from question to answer.
        understood: The question as it was searched, where earlier ones completed it; else empty.
        sides: What a comparison is computed from, the place asked for first; else empty.
    """

    question: str
    text: str
    short: str
    citations: tuple[Citation, ...]
    confidence: float
    abstained: bool
    passages: tuple[Passage, ...]
    seconds: float
    understood: str = ""
    sides: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that the pipeline has begun, told to whoever waits for the answer.

    Attributes:
        name: `searching`, `reading` or `checking`.
        n_passages: Passages at hand in this step.
    """

    name: str
    n_passages: int = 0
