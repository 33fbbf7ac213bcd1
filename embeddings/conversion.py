"""Turns the packed 4-bit model into a sentence-transformers model folder."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embeddings.charsmap import build_charsmap
from embeddings.packed import ModelShape, PackedModel, Vocabulary
from embeddings.pieces import PIECES_NAME
from embeddings.sentencepiece_model import serialise

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# fp16 halves the file; the scales of the 4-bit blocks are fp16 themselves, so little is lost.
_DTYPE = np.float16

# Names in the packed file -> names of Hugging Face's BertModel.
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def convert(source: Path, folder: Path) -> None:
    """Write the packed model at `source` as a sentence-transformers model into `folder`.

    Args:
        source: The packed file.
        folder: An existing, empty folder.

    Raises:
        WeightsCorruptError: `source` cannot be read as a packed model.
        OSError: A file cannot be written.
    """
    from safetensors.numpy import save

    # The libraries' own `save_file` report a full disk as errors of their own; ours are OSError.
    model = PackedModel(source)
    (folder / "model.safetensors").write_bytes(save(_tensors(model), {"format": "pt"}))
    tokenizer = build_tokenizer(model.vocabulary, model.shape.max_positions)
    # Two tokenizers: one for us, small in memory, one for whoever opens the folder as it is.
    (folder / PIECES_NAME).write_bytes(serialise(model.vocabulary))
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    for name, content in _settings(model.shape, model.vocabulary).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def build_tokenizer(vocabulary: Vocabulary, max_tokens: int) -> "Tokenizer":
    """The tokenizer of `e5.c` (XLM-RoBERTa's): same ids, texts cut after `max_tokens` tokens.

    One difference, and it is sentencepiece's own behaviour: neighbouring unknown characters make
    one `<unk>` together, where `e5.c` writes one each.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    tokenizer = Tokenizer(Unigram(list(vocabulary.pieces), vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(build_charsmap(vocabulary.normalised)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    special = (vocabulary.bos, vocabulary.pad, vocabulary.eos, vocabulary.unk)
    names = {token_id: vocabulary.pieces[token_id][0] for token_id in special}
    tokenizer.add_special_tokens([AddedToken(n, normalized=False) for n in names.values()])
    bos, eos = names[vocabulary.bos], names[vocabulary.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _tensors(model: PackedModel) -> dict[str, NDArray[np.floating[Any]]]:
    names = dict(_EMBEDDING_NAMES)
    for layer in range(model.shape.n_layers):
        for short, long in _LAYER_NAMES.items():
            names[f"l{layer}.{short}.w"] = f"encoder.layer.{layer}.{long}.weight"
            names[f"l{layer}.{short}.b"] = f"encoder.layer.{layer}.{long}.bias"
    tensors = {long: _shaped(model, short) for short, long in names.items()}
    # The loader expects BertModel's own pooler and would invent one; mean pooling never reads it.
    hidden = model.shape.hidden
    tensors["pooler.dense.weight"] = np.zeros((hidden, hidden), _DTYPE)
    tensors["pooler.dense.bias"] = np.zeros(hidden, _DTYPE)
    return tensors


def _shaped(model: PackedModel, name: str) -> NDArray[np.floating[Any]]:
    flat = model.tensor(name, _DTYPE)
    if name.endswith(".b") or "ln." in name:
        return flat
    n_inputs = model.shape.intermediate if name.endswith("fo.w") else model.shape.hidden
    return flat.reshape(-1, n_inputs)


def _settings(shape: ModelShape, vocabulary: Vocabulary) -> dict[str, Any]:
    prefix = "sentence_transformers.models."
    return {
        "config.json": _bert_config(shape, vocabulary),
        "tokenizer_config.json": _tokenizer_config(shape, vocabulary),
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": prefix + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": prefix + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": prefix + "Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": shape.max_positions},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "similarity_fn_name": "cosine",
        },
    }


def _tokenizer_config(shape: ModelShape, vocabulary: Vocabulary) -> dict[str, Any]:
    bos, eos, pad, unk = (
        vocabulary.pieces[token_id][0]
        for token_id in (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk)
    )
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.max_positions,
        "bos_token": bos,
        "cls_token": bos,
        "eos_token": eos,
        "sep_token": eos,
        "pad_token": pad,
        "unk_token": unk,
    }


def _bert_config(shape: ModelShape, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "layer_norm_eps": shape.eps,
        "max_position_embeddings": shape.max_positions,
        "num_attention_heads": shape.n_heads,
        "num_hidden_layers": shape.n_layers,
        "pad_token_id": vocabulary.pad,
        "type_vocab_size": shape.n_token_types,
        "vocab_size": shape.vocabulary,
        "dtype": "float16",
    }
