"""Which domain a message belongs to, or none: deterministic, without a model.

Two linear decisions over the same reading of a message (embedding, pieces, and how many words of each list it holds):
does somebody speak of a matter of their own life that weighs on them, rather than running an errand or making small
talk; and if so, of which domain. Both are fitted to the policy's own exemplars and words when it is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Final

import numpy as np

from bot.frozen import dataclass
from bot.llm.embedder import Embedder, Vectors
from bot.policy.features import Featurer, Features
from bot.policy.lexicon import tokens
from bot.policy.schema import Policy
from bot.policy.softmax import MOST_ALIKE, Matrix, fit
from bot.policy.taught import Taught

_EMBEDDING: Final = np.float32(1.5)
"""How strongly the embedding speaks before fitting, beside the features."""
_GATE_RIDGE: Final = 10.0
_DOMAIN_RIDGE: Final = 3.0
_STEPS: Final = 12
_DOMAIN, _NONE = 1, 0
_MANY: Final = 24
"""From so many domains on it is quicker to fit by how alike the exemplars are."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a message belongs. ``domain`` is None for ordinary talk. ``score`` (0-1): how surely it belongs to some
    domain. ``margin`` (0-1): how far the best domain leads ``runner_up``. Both are given for ordinary talk too."""

    domain: str | None
    score: float
    margin: float
    runner_up: str | None


class Locator:
    """Fitted on construction (a fraction of a second). Immutable afterwards, safe to share between threads."""

    def __init__(self, policy: Policy, embedder: Embedder, like: Locator | None = None) -> None:
        """``like``: another one, that has read many of the same exemplars. The result is the same without."""
        known = like if like is not None and like._embedder is embedder else None
        self._embedder: Embedder = embedder
        self._taught: Taught = Taught(embedder) if known is None else known._taught
        self._featurer: Featurer = Featurer(policy, None if known is None else known._featurer)
        self._names = tuple(policy.domains)
        self._floor = policy.defaults.routing.floor
        self._least_margin = policy.defaults.routing.margin
        self._dense, self._sparse = self._fitted(policy)

    def locate(self, text: str) -> Location:
        """Where ``text`` belongs. Any text will do; one without words belongs nowhere."""
        return self.locate_each((text,))[0]

    def locate_each(self, texts: Sequence[str]) -> list[Location]:
        """Where each of these belongs: the same as one by one, but each step is taken for all before the next, which is
        much quicker."""
        said = [tokens(text) for text in texts]
        read = [
            self._featurer.read(words, "?" in text) if words else None for words, text in zip(said, texts, strict=True)
        ]
        vectors = self._embedder.embed(texts)
        return [self._located(vectors[row], each) for row, each in enumerate(read)]

    def _located(self, vector: Vectors, read: Features | None) -> Location:
        """Where a text of this embedding and these features belongs; None: it has no words."""
        if read is None:
            return Location(None, 0.0, 0.0, None)
        scores = vector.dot(self._dense)
        scores += np.array(read.values, dtype=np.float32).dot(self._sparse.take(read.places, axis=0))
        none, some, *rest = scores.tolist()
        score = 1 / (1 + exp(none - some))
        best = rest.index(max(rest))
        raised = [exp(each - rest[best]) for each in rest]  # as softmax.shares: an array would cost more than it saves
        total = sum(raised)
        highest, raised[best] = raised[best], -1.0
        second, runner_up = (max(raised), self._names[raised.index(max(raised))]) if len(raised) > 1 else (0.0, None)
        margin = round((highest - second) / total, 6)
        belongs = score >= self._floor and margin >= self._least_margin
        return Location(self._names[best] if belongs else None, round(score, 6), margin, runner_up)

    def _fitted(self, policy: Policy) -> tuple[Matrix, Matrix]:
        """Weights for the embedding and for the features: two columns for the gate, then one for each domain."""
        told = [
            (text, number) for number, each in enumerate(policy.domains.values()) for text in each.routing.exemplars
        ]
        domains = [number for _, number in told]
        rows = self._taught.rows([*(text for text, _ in told), *policy.none.exemplars], self._featurer, _EMBEDDING)
        gate = [_DOMAIN] * len(domains) + [_NONE] * len(policy.none.exemplars)
        first = rows.first(len(domains))
        alike = first.likeness() if len(self._names) > _MANY and len(domains) <= MOST_ALIKE else None
        weights = np.hstack(
            [fit(rows, gate, _GATE_RIDGE, _STEPS), fit(first, domains, _DOMAIN_RIDGE, _STEPS, likeness=alike)]
        )
        size = self._embedder.dimensions
        return _EMBEDDING * weights[:size], self._featurer.weights()[:, None] * weights[size:]
