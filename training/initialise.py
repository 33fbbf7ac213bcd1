"""A copying reader whose encoder, decoder and word embeddings start from multilingual-e5-small."""

import argparse
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import jieba
import torch
from torch import Tensor
from transformers import AutoTokenizer, BertModel

from embeddings import bundled_model
from rag.reader.model import CopyingReader, CopyingReaderConfig
from rag.reader.tokenizer import SPECIAL_TOKENS, WORD_START, ReaderTokenizer, fold_character

_N_LATIN_PIECES = 9000
_CHINESE = re.compile("[\u3400-\u9fff]+")
_CHINESE_WORD = re.compile("[\u3400-\u9fff]{2,8}")
_LATIN = re.compile(rf"{WORD_START}?[a-z]+")


def gb2312_characters() -> list[str]:
    """Every character of GB 2312, in code order."""
    found = []
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.append(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def choose_tokens(pieces: Sequence[str], *, words: bool) -> dict[str, list[int]]:
    """The reader's vocabulary: each token with the e5 pieces whose embeddings it averages.

    Kept are single characters (folded as the tokenizer folds them, so that each token can be
    met), the most frequent lower-case Latin pieces, GB 2312, and Chinese pieces that are words of
    jieba's dictionary: `在美国` or `岁的` would hide where an answer begins or ends. e5 lists
    pieces by frequency.

    Args:
        pieces: The e5 vocabulary, in id order.
        words: Whether to keep Chinese words.
    """
    jieba.initialize()
    known = {piece for piece in pieces if jieba.dt.FREQ.get(piece)}
    chosen: dict[str, list[int]] = {token: [] for token in SPECIAL_TOKENS}
    latin = 0
    for i, piece in enumerate(pieces):
        character = piece.removeprefix(WORD_START)
        if len(character) == 1 and not (character.isascii() and character.isalpha()):
            token = fold_character(character)
            if _is_wanted(token):
                chosen.setdefault(token, []).append(i)
        elif _LATIN.fullmatch(piece) and latin < _N_LATIN_PIECES:
            chosen.setdefault(piece, []).append(i)
            latin += 1
        elif words and _CHINESE_WORD.fullmatch(character):
            token = "".join(map(fold_character, character))
            if token in known:
                chosen.setdefault(token, []).append(i)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for token in (letter, WORD_START + letter):
            chosen.setdefault(token, [i for i, p in enumerate(pieces) if p == token])
    for character in gb2312_characters():
        chosen.setdefault(fold_character(character), [])
    return chosen


def _is_wanted(character: str) -> bool:
    """Chinese, digits, punctuation and symbols; not the letters of other scripts."""
    name = unicodedata.name(character, "")
    is_other_letter = character.isalpha() and not name.startswith(("CJK", "GREEK"))
    return bool(name) and not is_other_letter


def initial_reader(
    e5_folder: Path,
    decoder_layers: int = 3,
    encoder_layers: int = 12,
    prior_order: int = 3,
    words: int = 1,
) -> tuple[CopyingReader, ReaderTokenizer]:
    """A reader ready to train, and its tokenizer.

    The encoder is e5's (its first layers, when fewer are asked for); the decoder's layers start
    from e5's last ones, cross-attention from the same layer's self-attention. `prior_order` is
    the longest run that the continuation prior sees, 0 for no prior; `words` is 0 to cut Chinese
    into characters.
    """
    e5 = BertModel.from_pretrained(e5_folder, local_files_only=True, add_pooling_layer=False)
    vocabulary = AutoTokenizer.from_pretrained(e5_folder, local_files_only=True).get_vocab()
    pieces = sorted(vocabulary, key=lambda piece: vocabulary[piece])
    chosen = choose_tokens(pieces, words=bool(words))
    scores = _chinese_scores(e5_folder / "tokenizer.json", chosen) if words else None
    tokenizer = ReaderTokenizer(list(chosen), scores)
    model = CopyingReader(
        CopyingReaderConfig(
            vocab_size=len(tokenizer),
            encoder_layers=encoder_layers,
            decoder_layers=decoder_layers,
            prior_order=prior_order,
            refuse_token_id=tokenizer.refuse_id,
        )
    )
    weights = {name: w for name, w in e5.state_dict().items() if "word_embeddings" not in name}
    missing = model.encoder.load_state_dict(weights, strict=False).missing_keys
    assert all("word_embeddings" in name for name in missing), missing
    table = _word_embeddings(chosen, vocabulary, e5.embeddings.word_embeddings.weight)
    model.encoder.embeddings.word_embeddings.weight.data.copy_(table)
    _initialise_decoder(model, e5)
    torch.nn.init.eye_(model.copy_query.weight)
    torch.nn.init.eye_(model.copy_key.weight)
    return model, tokenizer


def _chinese_scores(path: Path, tokens: Iterable[str]) -> dict[str, float]:
    """Log-probabilities of the Chinese tokens in the unigram model of e5."""
    model = json.loads(path.read_text("utf-8"))["model"]
    scores = {piece: round(score, 3) for piece, score in model["vocab"]}
    return {
        token: scores[token] for token in tokens if _CHINESE.fullmatch(token) and token in scores
    }


@torch.no_grad()
def _word_embeddings(
    chosen: dict[str, list[int]], vocabulary: dict[str, int], table: Tensor
) -> Tensor:
    """`(n_tokens, hidden)`: the mean of a token's pieces; the mean of all for new characters."""
    mean, deviation = table.mean(0), float(table.std())
    torch.manual_seed(0)
    rows = []
    for token, pieces in chosen.items():
        own = [vocabulary[token]] if token in vocabulary else []
        ids = pieces or own
        rows.append(table[ids].mean(0) if ids else mean + torch.randn_like(mean) * deviation / 4)
    return torch.stack(rows)


@torch.no_grad()
def begin_from(model: CopyingReader, tokenizer: ReaderTokenizer, folder: Path) -> list[str]:
    """Give `model` the weights of a trained reader, whose vocabulary may be another one.

    Training moves all embeddings alike, for the most part: a token that the trained reader lacks
    keeps its own embedding, moved by the mean of those that both have.

    Args:
        model: A reader; layers that the trained one lacks keep their weights.
        tokenizer: Its tokenizer.
        folder: A checkpoint or a packed reader, with its `vocabulary.json`.

    Returns:
        The weights that the two do not have in common: those of layers that one of them lacks,
        and those of another shape.
    """
    trained = CopyingReader.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    places = {t: i for i, t in enumerate(ReaderTokenizer.load(folder / "vocabulary.json").tokens)}
    both = [(i, places[t]) for i, t in enumerate(tokenizer.tokens) if t in places]
    ours, theirs = torch.tensor(both).T
    weights = trained.state_dict()
    tied = model._tied_weights_keys
    unlike = weights.keys() ^ model.state_dict().keys()
    for name, own in model.state_dict().items():
        if name in tied or name in unlike:
            continue
        if own.shape[:1] == (len(tokenizer),):
            moved = weights[name][theirs] - own[ours]
            own += moved.mean(0)
            own[ours] = weights[name][theirs]
        elif own.shape == weights[name].shape:
            own.copy_(weights[name])
        else:
            unlike.add(name)
    return sorted(unlike)


def _initialise_decoder(model: CopyingReader, e5: BertModel) -> None:
    depth = len(model.decoder.encoder.layer)
    for target, source in zip(model.decoder.encoder.layer, e5.encoder.layer[-depth:], strict=True):
        weights = source.state_dict()
        crossed = {
            name.replace("attention.", "crossattention.", 1): weight
            for name, weight in weights.items()
            if name.startswith("attention.")
        }
        missing = target.load_state_dict({**weights, **crossed}, strict=False).missing_keys
        assert not missing, missing
    model.decoder.embeddings.LayerNorm.load_state_dict(e5.embeddings.LayerNorm.state_dict())


def main() -> None:
    """Write an untrained reader to a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--decoder-layers", type=int, default=3)
    parser.add_argument("--encoder-layers", type=int, default=12)
    given = parser.parse_args()
    model, tokenizer = initial_reader(bundled_model(), given.decoder_layers, given.encoder_layers)
    model.save_pretrained(given.out)
    tokenizer.save(given.out / "vocabulary.json")
    n = sum(parameter.numel() for parameter in model.parameters())
    print(f"{n / 1e6:.1f} M parameters, {len(tokenizer)} tokens -> {given.out}")


if __name__ == "__main__":
    main()
