"""When to stay silent: the probability that an answer is right, and the bar it must pass.

The probability is a logistic function of a few figures about the reading (Platt, 1999,
"Probabilistic Outputs for Support Vector Machines", with several inputs instead of one). It is
fitted by `training/calibrate.py` on questions held out of training; `docs/reader.md` has the fit.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.errors import ReaderError

_N_FEATURES = 8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer.

    Attributes:
        log_probability: Log of the probability that the reader writes it from its passage.
        refusal: Log of the probability that the reader refuses that passage.
        margin: Log-probability ahead of the best different answer of any passage (at most 10).
        rank: Rank of its passage, from 1.
        n_tokens: Length of the answer.
        overlap: Share of the question's pairs of characters that stand in the answer's sentence
            or its header.
        is_figure: Whether a figure is asked for. Of one probability, figures are right more often
            than names and clauses, whose ends are a matter of taste.
    """

    log_probability: float
    refusal: float
    margin: float
    rank: int
    n_tokens: int
    overlap: float
    is_figure: bool

    def features(self) -> tuple[float, ...]:
        """The inputs of the logistic function, each of the order of 1."""
        log_probability = max(self.log_probability, -20.0)
        return (
            log_probability,
            min(-math.log1p(-min(math.exp(self.refusal), 1 - 1e-6)), 10.0),
            min(self.margin, 10.0),
            math.log(self.rank),
            math.log(self.n_tokens),
            self.overlap,
            float(self.is_figure),
            log_probability * self.is_figure,
        )


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the logistic function and the threshold of the reader's own choice.

    Attributes:
        weights: One for each of `Evidence.features`.
        bias: Its constant.
        threshold: Confidence under which the reader abstains.
        rank_penalty: Log-probability that an answer loses for each rank of its passage, when
            the answers of several passages compete.
    """

    weights: tuple[float, ...]
    bias: float
    threshold: float
    rank_penalty: float

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """Read what `save` wrote.

        Raises:
            ReaderError: The file is missing or holds something else.
        """
        try:
            fields = json.loads(path.read_text("utf-8"))
            weights = tuple(map(float, fields["weights"]))
            if len(weights) != _N_FEATURES:
                raise ValueError(f"{len(weights)} weights; expected {_N_FEATURES}")
            return cls(**{**fields, "weights": weights})
        except (OSError, ValueError, TypeError, KeyError) as exc:
            raise ReaderError(
                f"cannot read the reader's calibration {path}: {exc}; reinstall the package, or "
                "make it anew with training.calibrate"
            ) from exc

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")

    def confidence(self, evidence: Evidence) -> float:
        """Probability, in [0, 1], that the answer is right."""
        terms = zip(self.weights, evidence.features(), strict=True)
        score = self.bias + sum(weight * feature for weight, feature in terms)
        return 1 / (1 + math.exp(-max(min(score, 500.0), -500.0)))


UNCALIBRATED = Calibration((1.0, *[0.0] * (_N_FEATURES - 1)), 0.0, 0.0, 0.3)
