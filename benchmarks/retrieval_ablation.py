"""Which part of retrieval is worth what: one row for each way to search, on one question file.

Run `python -m benchmarks.retrieval_ablation [--questions FILE] [--lang en] [--misses] PATH...`.
Prints the table, then JSON.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.record import Run, add_out
from embeddings import Encoder, load_encoder
from rag.bm25 import BM25
from rag.config import RagConfig, load_config
from rag.dense import WINDOW_WEIGHT
from rag.evaluation.evidence import Evidence, EvidenceLocator
from rag.evaluation.questions import Question, load_questions
from rag.evaluation.retrieval_metrics import gold_rank, hit_at, reciprocal_rank_at
from rag.evaluation.scores import Score, average, interval
from rag.index import Index, build_index, indexed_text
from rag.lexical import TOKENIZERS
from rag.loading import load_documents
from rag.retrieval import (
    LEXICAL_WEIGHT,
    BM25Retriever,
    DenseRetriever,
    HybridRetriever,
    Retriever,
)
from rag.types import Passage

_DEPTH = 10
_MEASURES = ("hit@1", "hit@5", "hit@10", "all@5", "MRR@10")
Search = Callable[[Sequence[str]], Sequence[Sequence[Passage]]]


@dataclass(frozen=True, slots=True)
class Gold:
    """An answerable question and where its evidence stands."""

    question: Question
    evidence: tuple[Evidence, ...]


def main() -> None:
    """Print the table, then all of it as JSON."""
    arguments = _parse()
    run = Run.begin()
    config = load_config(index=arguments.index, chunk_chars=arguments.chunk_chars)
    documents = load_documents(arguments.paths, config).documents
    encoder = load_encoder(config.encoder)
    index = build_index(documents, encoder, config)
    gold = load_gold(arguments.questions, index, arguments.lang)
    searches = make_searches(index, encoder, config)
    print(f"{len(gold)} answerable questions, {len(index.chunks)} chunks, {encoder.model_id}")
    print(f"| search | {' | '.join(_MEASURES)} |", f"|{' --- |' * 6}", sep="\n")
    rows = []
    for name, search in searches.items():
        found = search([each.question.question for each in gold])
        row = scores(found, gold)
        rows.append(_row(name, row))
        print(f"| {name} | {' | '.join(map(_cell, row))} |", flush=True)
    if arguments.misses:
        _print_misses(gold, found)
    run.tell(
        {
            "n": len(gold),
            "n_chunks": len(index.chunks),
            "encoder": encoder.model_id,
            "searches": rows,
        },
        arguments.out,
    )


def make_searches(index: Index, encoder: Encoder, config: RagConfig) -> dict[str, Search]:
    """Every way to search that the table compares; the product comes last."""

    def lexical(tokenizer: str) -> Search:
        texts = [indexed_text(chunk) for chunk in index.chunks.values()]
        model = BM25.build(list(index.chunks), texts, tokenizer)
        return _all_in(BM25Retriever(replace(index, lexical=model)))

    def hybrid(
        *,
        lexical_weight: float = LEXICAL_WEIGHT,
        window_weight: float = WINDOW_WEIGHT,
        use_places: bool = True,
        use_gloss: bool = True,
        **settings: str | int,
    ) -> Search:
        changed = replace(config, **settings)  # type: ignore[arg-type]  # checked by RagConfig
        retriever = HybridRetriever(
            index,
            encoder,
            changed,
            lexical_weight=lexical_weight,
            window_weight=window_weight,
            use_places=use_places,
            use_gloss=use_gloss,
        )
        return lambda queries: retriever.retrieve_many(queries, _DEPTH)

    plain: dict[str, Any] = {"window_weight": 0.0, "use_places": False, "use_gloss": False}
    return {
        **{f"BM25 alone, {name}": lexical(name) for name in TOKENIZERS},
        "dense alone": _all_in(DenseRetriever(index, encoder)),
        "reciprocal rank fusion of the two": hybrid(fusion="ranks", **plain),
        "scores fused": hybrid(**plain),
        "+ windows": hybrid(use_places=False, use_gloss=False),
        "+ windows, places": hybrid(use_gloss=False),
        "product without windows": hybrid(window_weight=0.0),
        "product without places": hybrid(use_places=False),
        "product, windows only": hybrid(window_weight=1.0),
        "product, fusion by ranks": hybrid(fusion="ranks"),
        "product, dense only": hybrid(lexical_weight=0.0),
        "product, lexical only": hybrid(lexical_weight=1.0),
        "product, lexical weight 0.3": hybrid(lexical_weight=0.3),
        "product, lexical weight 0.7": hybrid(lexical_weight=0.7),
        "product, 10 candidates": hybrid(n_candidates=10),
        "product, 200 candidates": hybrid(n_candidates=200),
        "**product**": hybrid(),
    }


def _all_in(retriever: Retriever) -> Search:
    return lambda queries: [retriever.retrieve(query, _DEPTH) for query in queries]


def scores(found: Sequence[Sequence[Passage]], gold: Sequence[Gold]) -> list[Score]:
    """hit@1, hit@5, hit@10, all evidence among the first 5, MRR@10."""
    ranks = [gold_rank(p, each.evidence) for p, each in zip(found, gold, strict=True)]
    every = [True] * len(ranks)
    complete = average(
        float(all(gold_rank(passages[:5], [evidence]) for evidence in each.evidence))
        for passages, each in zip(found, gold, strict=True)
    )
    hits = [hit_at(ranks, k, every) for k in (1, 5, _DEPTH)]
    return [*hits, complete, reciprocal_rank_at(ranks, _DEPTH, every)]


def load_gold(path: Path, index: Index, lang: str = "") -> list[Gold]:
    """The answerable questions of a file, in one language or, if it is empty, in all."""
    locator = EvidenceLocator(index.documents)
    questions = [q for q in load_questions(path) if q.is_answerable and lang in ("", q.lang)]
    return [Gold(question, locator.locate(question)) for question in questions]


def _cell(score: Score) -> str:
    bounds = interval(score)
    return f"{score.mean:.3f} ({bounds.low:.3f}-{bounds.high:.3f})" if bounds else "-"


def _row(name: str, measured: Sequence[Score]) -> dict[str, Any]:
    """The measures with their intervals, for JSON."""
    row: dict[str, Any] = {"search": name.strip("*")}
    for measure, score in zip(_MEASURES, measured, strict=True):
        bounds = interval(score)
        row[measure] = None if score.mean is None else round(score.mean, 4)
        row[f"{measure}_95"] = [round(bounds.low, 4), round(bounds.high, 4)] if bounds else None
    return row


def _print_misses(gold: Sequence[Gold], found: Sequence[Sequence[Passage]]) -> None:
    print("\nNot among the first 5:")
    for each, passages in zip(gold, found, strict=True):
        rank = gold_rank(passages, each.evidence)
        if rank is None or rank > 5:
            print(
                f"{each.question.id} rank {rank}: {each.question.question} {each.question.evidence}"
            )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("seeds")])
    parser.add_argument("--questions", type=Path, default=Path("seeds/questions.jsonl"))
    parser.add_argument("--index", type=Path, default=Path(".rag/ablation"))
    parser.add_argument("--chunk-chars", type=int)
    parser.add_argument("--lang", default="", help="only questions in this language")
    parser.add_argument("--misses", action="store_true", help="list the product's misses")
    add_out(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
