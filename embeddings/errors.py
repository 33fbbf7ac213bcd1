"""Errors of the embeddings package.

EmbeddingsError
├── DeviceNotFoundError    the device that models are to compute on is missing
├── WeightsNotFoundError   the package or file that carries the weights is missing
├── WeightsCorruptError    the weights file is not the one that was pinned
├── StoreError             a vector store was given, or has read, something it cannot use
└── StoreUnavailableError  the server of a vector store refuses, or it or its package is missing
"""


class EmbeddingsError(Exception):
    """Anything that goes wrong between a text and its nearest ids."""


class DeviceNotFoundError(EmbeddingsError):
    """The device that models are to compute on is missing."""


class WeightsNotFoundError(EmbeddingsError):
    """The package or file that carries the weights is missing."""


class WeightsCorruptError(EmbeddingsError):
    """The weights file differs from the pinned one."""


class StoreError(EmbeddingsError):
    """A vector store was given, or has read, something that it cannot use."""


class StoreUnavailableError(EmbeddingsError):
    """The server of a vector store cannot be reached or refuses, or its package is missing."""
