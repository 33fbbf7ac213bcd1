"""The copying sequence-to-sequence model: an encoder, a small decoder and a pointer.

The output distribution is the pointer-generator mixture of See, Liu and Manning (2017,
"Get To The Point", section 2.2), with two differences: the copy distribution is a separate
attention over the passage's tokens only, and it carries a continuation prior that favours the
token after the run just copied (`docs/reader.md`).
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForSeq2SeqLM,
    BertConfig,
    BertModel,
    GenerationMixin,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import BaseModelOutput, Seq2SeqLMOutput

_TINY = 1e-9


class CopyingReaderConfig(PretrainedConfig):
    """Sizes and special ids of the copying reader."""

    model_type = "copying_reader"

    def __init__(
        self,
        vocab_size: int = 256,
        hidden_size: int = 384,
        encoder_layers: int = 12,
        decoder_layers: int = 3,
        num_attention_heads: int = 12,
        intermediate_size: int = 1536,
        max_position_embeddings: int = 512,
        prior_order: int = 3,
        refuse_token_id: int = 4,
        **kwargs: Any,  # noqa: ANN401 (passed on to PretrainedConfig)
    ) -> None:
        """Take the sizes; `prior_order` is the longest run that the continuation prior sees."""
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.encoder_layers = encoder_layers
        self.decoder_layers = decoder_layers
        self.num_attention_heads = num_attention_heads
        self.intermediate_size = intermediate_size
        self.max_position_embeddings = max_position_embeddings
        self.prior_order = prior_order
        self.refuse_token_id = refuse_token_id
        kwargs.setdefault("bos_token_id", 0)
        kwargs.setdefault("pad_token_id", 1)
        kwargs.setdefault("eos_token_id", 2)
        kwargs.setdefault("decoder_start_token_id", 0)
        kwargs.setdefault("is_encoder_decoder", True)
        kwargs.setdefault("tie_word_embeddings", True)
        super().__init__(**kwargs)

    def bert(self, *, is_decoder: bool) -> BertConfig:
        """The configuration of one of the two halves."""
        return BertConfig(
            vocab_size=self.vocab_size,
            hidden_size=self.hidden_size,
            num_hidden_layers=self.decoder_layers if is_decoder else self.encoder_layers,
            num_attention_heads=self.num_attention_heads,
            intermediate_size=self.intermediate_size,
            max_position_embeddings=self.max_position_embeddings,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=self.pad_token_id,
            is_decoder=is_decoder,
            add_cross_attention=is_decoder,
            use_cache=False,
            attn_implementation="eager",  # type: ignore[call-arg]  # taken by every configuration
        )


class CopyingReader(PreTrainedModel, GenerationMixin):
    """Encoder-decoder whose output mixes copying from the passage with generating."""

    config_class = CopyingReaderConfig
    base_model_prefix = "reader"
    main_input_name = "input_ids"
    _tied_weights_keys = {  # noqa: RUF012 (the name and form that transformers reads)
        "decoder.embeddings.word_embeddings.weight": "encoder.embeddings.word_embeddings.weight",
        "decoder.embeddings.position_embeddings.weight": (
            "encoder.embeddings.position_embeddings.weight"
        ),
        "decoder.embeddings.token_type_embeddings.weight": (
            "encoder.embeddings.token_type_embeddings.weight"
        ),
    }

    def __init__(self, config: CopyingReaderConfig) -> None:
        """Build the layers with random weights."""
        super().__init__(config)
        self.encoder = BertModel(config.bert(is_decoder=False), add_pooling_layer=False)
        self.decoder = BertModel(config.bert(is_decoder=True), add_pooling_layer=False)
        size = config.hidden_size
        self.copy_query = nn.Linear(size, size)
        self.copy_key = nn.Linear(size, size)
        self.copy_scale = nn.Parameter(torch.tensor(size**-0.5))
        self.prior_weights = nn.Parameter(torch.full((config.prior_order,), 2.0))
        self.gate = nn.Linear(size, 1)
        self.aligned_input = nn.Linear(2 * size, size, bias=False)
        self.aligned_gate = nn.Linear(2 * size, 1, bias=False)
        self.output_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.post_init()  # type: ignore[no-untyped-call]  # an untyped library method
        nn.init.zeros_(self.aligned_input.weight)
        nn.init.zeros_(self.aligned_gate.weight)

    def get_encoder(self, modality: str | None = None) -> BertModel:
        """The half that reads question and passage."""
        return self.encoder

    def get_decoder(self) -> BertModel:
        """The half that writes the answer."""
        return self.decoder

    def get_input_embeddings(self) -> nn.Module:
        """The word embeddings that both halves and the output share."""
        return self.encoder.embeddings.word_embeddings

    def set_input_embeddings(self, value: nn.Embedding) -> None:  # type: ignore[override]
        """Replace the shared word embeddings."""
        self.encoder.embeddings.word_embeddings = value
        self.decoder.embeddings.word_embeddings = value

    def encode(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Hidden states `(n, source, hidden)` of questions with their passages."""
        output = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        return output.last_hidden_state  # type: ignore[no-any-return]  # an untyped output

    def decode(
        self,
        decoder_input_ids: Tensor,
        encoder_states: Tensor,
        attention_mask: Tensor | None,
        input_ids: Tensor,
        copy_mask: Tensor,
        written_positions: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The parts of the output distribution at each step.

        A decoder that sees only which token it wrote last must find out where it stands before it
        can tell whether a name ends there. So each step is given the encoder's states of the
        token copied last and of the one behind it (as in pointer networks, Vinyals et al. 2015,
        section 2.3, where the input of a step is the element pointed at before).

        Args:
            decoder_input_ids: `(n, steps)`, starting with the start token.
            encoder_states: `(n, source, hidden)`, or `(1, source, hidden)` for all rows; so are
                the next three.
            attention_mask: `(n, source)`, 1 for real tokens; None if all are.
            input_ids: `(n, source)`.
            copy_mask: `(n, source)`, 1 for the tokens that may be copied.
            written_positions: `(n, steps)` source position of each decoder input, -1 for what
                was generated; by default guessed from the runs that the prefix matches.

        Returns:
            Log of the gate times the copy distribution `(n, steps, source)`, log of the
            probability of generating `(n, steps, 1)` and the decoder's states
            `(n, steps, hidden)`.
        """
        prior = self._continuation_prior(decoder_input_ids, input_ids)
        if written_positions is None:
            aligned = _matched_states(prior, encoder_states)
        else:
            aligned = _states_at(written_positions, encoder_states)
        words = self.decoder.embeddings.word_embeddings(decoder_input_ids)
        states = self.decoder(
            inputs_embeds=words + self.aligned_input(aligned),
            encoder_hidden_states=encoder_states,
            encoder_attention_mask=attention_mask,
        ).last_hidden_state
        scores = self.copy_query(states) @ self.copy_key(encoder_states).transpose(1, 2)
        scores = scores.float() * self.copy_scale
        scores = scores + prior
        scores = scores.masked_fill(copy_mask[:, None, :] == 0, -1e4)
        gate = (self.gate(states) + self.aligned_gate(aligned)).float()
        log_copy = nn.functional.logsigmoid(gate) + scores.log_softmax(-1)
        return log_copy, nn.functional.logsigmoid(-gate), states

    def generation_logits(self, states: Tensor) -> Tensor:
        """Scores `(n, steps, vocabulary)` of generating, by the tied embeddings."""
        words = self.encoder.embeddings.word_embeddings.weight
        return nn.functional.linear(states, words, self.output_bias).float()

    def _continuation_prior(self, written: Tensor, source: Tensor) -> Tensor:
        """Sum over k of w_k where the last k tokens written stand before a source position.

        Args:
            written: `(n, steps)` decoder inputs.
            source: `(n, source)` input ids.

        Returns:
            `(n, steps, source)`.
        """
        match = torch.ones(*written.shape, source.shape[1], dtype=torch.bool, device=source.device)
        prior = torch.zeros(match.shape, device=source.device)
        for k in range(1, self.config.prior_order + 1):
            previous_source = nn.functional.pad(source, (k, 0), value=-1)[:, : source.shape[1]]
            previous_written = nn.functional.pad(written, (k - 1, 0), value=-2)
            previous_written = previous_written[:, : written.shape[1]]
            match = match & (previous_written[:, :, None] == previous_source[:, None, :])
            prior = prior + self.prior_weights[k - 1] * match
        return prior

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        copy_mask: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        encoder_outputs: BaseModelOutput | None = None,
        source_ids: Tensor | None = None,
        label_positions: Tensor | None = None,
        label_ids: Tensor | None = None,
        label_weights: Tensor | None = None,
        **_: Any,  # noqa: ANN401 (what `generate` passes and this model does not use)
    ) -> Seq2SeqLMOutput:
        """Log-probabilities of the mixture as `logits`, or the loss when labels are given.

        Args:
            input_ids: `(n, source)`.
            attention_mask: `(n, source)`; all ones by default.
            token_type_ids: `(n, source)`; 0 for the question, 1 for header and passage.
            copy_mask: `(n, source)`; by default the tokens of type 1.
            decoder_input_ids: `(n, steps)`; by default the start token alone.
            encoder_outputs: What `encode` gave, when it is at hand.
            source_ids: `input_ids` under the name that goes with `encoder_outputs`.
            label_positions: `(n, steps)` source position to copy at each step, -1 to generate.
            label_ids: `(n, steps)` token to generate where the position is -1, -100 for none.
            label_weights: `(n,)` what each row's loss counts; 1 by default.
        """
        source = source_ids if input_ids is None else input_ids
        if source is None:
            raise ValueError("give input_ids, or encoder_outputs with source_ids")
        mask = _or_ones(attention_mask, source)
        types = torch.zeros_like(source) if token_type_ids is None else token_type_ids
        start = self.config.decoder_start_token_id
        written = decoder_input_ids
        if written is None:
            written = source.new_full((len(source), 1), start)
        encoded = None if encoder_outputs is None else encoder_outputs.last_hidden_state
        if encoded is None:
            encoded = self.encode(source, mask, types)
        copyable = types if copy_mask is None else copy_mask
        positions = None
        if label_positions is not None:
            positions = nn.functional.pad(label_positions[:, :-1], (1, 0), value=-1)
        log_copy, log_generate, states = self.decode(
            written, encoded, mask, source, copyable, positions
        )
        if label_positions is not None and label_ids is not None:
            losses = self._losses(log_copy, log_generate, states, label_positions, label_ids)
            weights = losses.new_ones(len(losses)) if label_weights is None else label_weights
            return Seq2SeqLMOutput(loss=(losses * weights).mean())
        generated = log_generate + self.generation_logits(states).log_softmax(-1)
        index = source[:, None, :].expand(-1, log_copy.shape[1], -1)
        copied = torch.zeros_like(generated).scatter_add_(2, index, log_copy.exp())
        return Seq2SeqLMOutput(
            logits=torch.logaddexp(generated, (copied + _TINY).log()),
            encoder_last_hidden_state=encoded,
        )

    def _losses(
        self,
        log_copy: Tensor,
        log_generate: Tensor,
        states: Tensor,
        positions: Tensor,
        ids: Tensor,
    ) -> Tensor:
        """Negative log-likelihood of each row's answer, `(n,)`.

        A copied token is scored by the position it stands at, not by its identity: the figure
        that is asked for, not an equal one elsewhere in the passage.
        """
        copies = positions >= 0
        generates = (ids >= 0) & ~copies
        copied = log_copy.gather(2, positions.clamp(min=0)[:, :, None])[:, :, 0]
        chosen = self.generation_logits(states[generates]).log_softmax(-1)
        chosen = chosen.gather(1, ids[generates][:, None])[:, 0]
        generated = torch.zeros_like(copied)
        generated[generates] = chosen + log_generate[:, :, 0][generates]
        return -(copied * copies + generated).sum(1)

    def generate(  # type: ignore[override]  # the inputs that this model takes
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        copy_mask: Tensor | None = None,
        **kwargs: Any,  # noqa: ANN401 (defined by GenerationMixin)
    ) -> Any:  # noqa: ANN401 (defined by GenerationMixin)
        """Answers by the free mixture, as `GenerationMixin.generate`; the source is read once."""
        attention_mask = _or_ones(attention_mask, input_ids)
        types = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        states = self.encode(input_ids, attention_mask, types)
        return super().generate(  # type: ignore[misc]  # its self type leaves subclasses out
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            source_ids=input_ids,
            attention_mask=attention_mask,
            copy_mask=types if copy_mask is None else copy_mask,
            **kwargs,
        )

    def prepare_inputs_for_generation(  # type: ignore[override]  # only what this model reads
        self,
        decoder_input_ids: Tensor,
        **kwargs: Any,  # noqa: ANN401 (defined by GenerationMixin)
    ) -> dict[str, Any]:
        """What `generate` hands to `forward` at each step; nothing is cached."""
        kept = ("attention_mask", "copy_mask", "encoder_outputs", "source_ids")
        inputs = {name: kwargs[name] for name in kept}
        return {**inputs, "decoder_input_ids": decoder_input_ids}


def _states_at(positions: Tensor, states: Tensor) -> Tensor:
    """States at the positions and at those behind them, `(n, steps, 2 * hidden)`; 0 for -1."""
    here = positions.clamp(min=0)
    behind = (here + 1).clamp(max=states.shape[1] - 1)
    states = states.expand(len(positions), -1, -1)
    size = states.shape[2]
    found = [states.gather(1, place[:, :, None].expand(-1, -1, size)) for place in (here, behind)]
    return torch.cat(found, -1) * (positions >= 0)[:, :, None]


def _matched_states(prior: Tensor, states: Tensor) -> Tensor:
    """As `_states_at`, for the places behind the longest runs that the prefix matches."""
    matches = (prior > 0).to(states.dtype)
    weights = (2 * prior).softmax(-1).to(states.dtype) * matches
    weights = weights / weights.sum(-1, keepdim=True).clamp(min=_TINY)
    before = nn.functional.pad(states, (0, 0, 1, 0))[:, :-1]
    return torch.cat([weights @ before, weights @ states], -1)


def _or_ones(mask: Tensor | None, like: Tensor) -> Tensor:
    return torch.ones_like(like) if mask is None else mask


AutoConfig.register(CopyingReaderConfig.model_type, CopyingReaderConfig, exist_ok=True)
AutoModelForSeq2SeqLM.register(CopyingReaderConfig, CopyingReader, exist_ok=True)
