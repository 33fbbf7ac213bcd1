"""The chat page over real files of several kinds with prepared answers; run by browser tests."""

from dataclasses import dataclass, replace
from pathlib import Path

from rag.config import RagConfig
from rag.loading import load_documents
from rag.types import Answer, Document, Side
from tests.fakes import FakePipeline, make_answer

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
N_LINES = 30_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and where its answer stands."""

    question: str
    document_id: str
    sentence: str
    short: str


TXT = Asked(
    "甲县建成多少座电站？", "long", "甲县当年建成光伏电站41座，惠及𠮷祥村等12个村。", "41座"
)
DOCX = Asked(
    "白水镇完成危房改造多少户？",
    "report",
    "2020年，白水镇完成危房改造412户，新建卫生室9所。",
    "412户",
)
PDF = Asked(
    "溪口县识别了多少贫困户？",
    "county",
    "2014年以来，全县共识别建档立卡贫困户12860户38215人，贫困村98个，"
    "是省级扶贫开发工作重点县，脱贫任务十分繁重。",
    "12860户",
)
COMPARISON = "溪口县和白水镇哪个地方的户数多？"


def long_text() -> str:
    """About half a million characters, with the fact in the middle."""
    lines = [f"第{n}条，继续做好各项工作。" for n in range(N_LINES)]
    lines[N_LINES // 2] = f"二、能源\n{TXT.sentence}"
    return "甲县年度工作报告\n一、总体情况\n" + "\n".join(lines) + "\n三、结语\n到此为止。\n"


def build() -> FakePipeline:
    """The files are put into the current folder, where each document has a name of its own."""
    Path("long.txt").write_text(long_text(), encoding="utf-8")
    Path("report.docx").write_bytes((DOCUMENTS / "report.docx").read_bytes())
    Path("county.pdf").write_bytes((DOCUMENTS / "report.pdf").read_bytes())
    loaded = load_documents(
        [Path("long.txt"), Path("report.docx"), Path("county.pdf")], RagConfig()
    )
    documents = {document.document_id: document for document in loaded.documents}
    answers = {asked.question: _answer(asked, documents) for asked in (TXT, DOCX, PDF)}
    answers[COMPARISON] = _comparison(answers[PDF.question], answers[DOCX.question])
    return FakePipeline(documents, answers, pause_seconds=0.05, sources=loaded.sources)


def _answer(asked: Asked, documents: dict[str, Document]) -> Answer:
    document = documents[asked.document_id]
    answer = make_answer(asked.question, document, asked.sentence, asked.sentence, asked.short)
    (citation,) = answer.citations
    page = document.page_at(citation.span.start)
    return replace(answer, citations=(replace(citation, page=page),))


def _comparison(first: Answer, second: Answer) -> Answer:
    (one,), (other,) = first.citations, second.citations
    sides = (Side("溪口县", first.short, (1,)), Side("白水镇", second.short, (2,)))
    citations = (one, replace(other, mark=2))
    passages = first.passages + second.passages
    return replace(
        first,
        question=COMPARISON,
        text=f"溪口县（溪口县：{first.short} [1]；白水镇：{second.short} [2]）",
        short="溪口县",
        citations=citations,
        passages=passages,
        sides=sides,
    )
