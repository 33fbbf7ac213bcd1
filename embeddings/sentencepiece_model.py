"""The bundled vocabulary as a sentencepiece model file.

The sentencepiece library holds 250,000 pieces in 55 MB, the tokenizers library in 282 MB.
The file is a protocol buffer, `ModelProto` of sentencepiece's `sentencepiece_model.proto`; the few
fields that are needed are written here by hand.
"""

import struct

from embeddings.charsmap import build_charsmap
from embeddings.packed import Vocabulary

_UNIGRAM = 1
_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3
_VARINT, _BYTES, _FLOAT = 0, 2, 5


def serialise(vocabulary: Vocabulary) -> bytes:
    """The model file: a piece's place is its token id; `<s>`, `</s>` and `<pad>` are never cut."""
    kinds = dict.fromkeys((vocabulary.bos, vocabulary.eos, vocabulary.pad), _CONTROL)
    kinds[vocabulary.unk] = _UNKNOWN
    pieces = b"".join(
        _bytes(1, _piece(text, score, kinds.get(token_id, _NORMAL)))
        for token_id, (text, score) in enumerate(vocabulary.pieces)
    )
    return pieces + _bytes(2, _trainer(vocabulary)) + _bytes(3, _normaliser(vocabulary))


def _piece(text: str, score: float, kind: int) -> bytes:
    """`SentencePiece`: piece, score, type."""
    score_field = _varint(2 << 3 | _FLOAT) + struct.pack("<f", score)
    return _bytes(1, text.encode()) + score_field + _number(3, kind)


def _trainer(vocabulary: Vocabulary) -> bytes:
    """`TrainerSpec`: model_type; unk_id, bos_id, eos_id, pad_id and then the pieces of these."""
    special = (vocabulary.unk, vocabulary.bos, vocabulary.eos, vocabulary.pad)
    ids = b"".join(_number(40 + n, token_id) for n, token_id in enumerate(special))
    texts = (vocabulary.pieces[token_id][0] for token_id in special)
    names = b"".join(_bytes(45 + n, text.encode()) for n, text in enumerate(texts))
    return _number(3, _UNIGRAM) + ids + names


def _normaliser(vocabulary: Vocabulary) -> bytes:
    """`NormalizerSpec`: charsmap; a blank before the text, single blanks inside, shown as `▁`."""
    return _bytes(2, build_charsmap(vocabulary.normalised)) + b"".join(
        _number(field, 1) for field in (3, 4, 5)
    )


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
