"""The port to text embeddings, used for routing and for finding the plans of similar queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), float32, each row of length 1 (a row of zeros for a text without features)."""


class Embedder(Protocol):
    @property
    def name(self) -> str:
        """Names model and version (``hashing-3``): vectors of different names are never compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Deterministic. Raises ProviderError when the model behind it does not answer."""
        ...
