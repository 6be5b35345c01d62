"""Which domain a message belongs to, or none: deterministic, without a model.

Two linear decisions over the same reading of a message (embedding, and how many words of each list it holds): does
somebody speak of a matter of their own life that weighs on them, rather than running an errand or making small talk;
and if so, of which domain. Both are fitted to the policy's own exemplars and words when it is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p
from typing import Final

import numpy as np

from bot.llm.embedder import Embedder
from bot.policy.lexicon import Lexicon, tokens
from bot.policy.schema import Policy
from bot.policy.softmax import Matrix, fit, shares

_FLOAT: Final = np.float32
_EMBEDDING: Final = 1.5
_COUNTS: Final = 0.5
"""How strongly embedding and word counts speak before fitting: counts generalise better, so they are bound less."""
_GATE_RIDGE: Final = 5.0
_DOMAIN_RIDGE: Final = 3.0
_STEPS: Final = 8
_SHORT: Final = 3
_DOMAIN, _NONE = 1, 0


@dataclass(frozen=True, slots=True)
class Location:
    """Where a message belongs. ``domain`` is None for ordinary talk. ``score`` (0-1): how surely it belongs to some
    domain. ``margin`` (0-1): how far the best domain leads ``runner_up``. Both are given for ordinary talk too."""

    domain: str | None
    score: float
    margin: float
    runner_up: str | None


@dataclass(frozen=True, slots=True)
class _Reading:
    """A message as numbers: its embedding, and the hits per list (domains first, then signs)."""

    embedding: Matrix
    counts: Sequence[int]
    length: int
    asks: bool


class Locator:
    """Fitted on construction (a fraction of a second). Immutable afterwards, safe to share between threads."""

    def __init__(self, policy: Policy, embedder: Embedder) -> None:
        signs = policy.none.signs if policy.none is not None else {}
        lists = {f"domain {name}": domain.routing.words for name, domain in policy.domains.items()}
        self._lexicon = Lexicon({**lists, **{f"sign {name}": words for name, words in signs.items()}})
        self._embedder = embedder
        self._names = tuple(policy.domains)
        self._floor = policy.defaults.routing.floor
        self._least_margin = policy.defaults.routing.margin
        self._gate, self._domains = self._fitted(policy)

    def locate(self, text: str) -> Location:
        """Where ``text`` belongs. Any text will do; one without words belongs nowhere."""
        words = tokens(text)
        if not words:
            return Location(None, 0.0, 0.0, None)
        reading = self._read([text])[0]
        score = float(shares(self._gate_row(reading) @ self._gate)[_DOMAIN])
        chances = shares(self._domain_row(reading) @ self._domains)
        order = np.argsort(-chances, kind="stable")
        second = float(chances[order[1]]) if len(order) > 1 else 0.0
        runner_up = self._names[order[1]] if len(order) > 1 else None
        margin = round(float(chances[order[0]]) - second, 6)
        belongs = score >= self._floor and margin >= self._least_margin
        return Location(self._names[order[0]] if belongs else None, round(score, 6), margin, runner_up)

    def _fitted(self, policy: Policy) -> tuple[Matrix, Matrix]:
        ordinary = (*(policy.none.exemplars if policy.none is not None else ()), *policy.defaults.small_talk)
        examples = [
            (text, number) for number, each in enumerate(policy.domains.values()) for text in each.routing.exemplars
        ]
        told = self._read([text for text, _ in examples])
        domains = fit(
            np.array([self._domain_row(reading) for reading in told], dtype=_FLOAT),
            [number for _, number in examples],
            _DOMAIN_RIDGE,
            _STEPS,
        )
        other = self._read(ordinary)
        gate = fit(
            np.array([self._gate_row(reading) for reading in (*told, *other)], dtype=_FLOAT),
            [_DOMAIN] * len(told) + [_NONE] * len(other),
            _GATE_RIDGE,
            _STEPS,
        )
        return gate, domains

    def _read(self, texts: Sequence[str]) -> list[_Reading]:
        rows = self._embedder.embed(texts)
        read = []
        for text, row in zip(texts, rows, strict=True):
            words = tokens(text)
            read.append(_Reading(row, self._lexicon.count(words), max(1, len(words)), "?" in text))
        return read

    def _domain_row(self, reading: _Reading) -> Matrix:
        counts = reading.counts[: len(self._names)]
        total = max(1, sum(counts))
        values = [2 * _COUNTS * log1p(count) for count in counts]
        values += [2 * _COUNTS * count / total for count in counts]
        values += [_COUNTS * min(1, count) for count in reading.counts[len(self._names) :]]
        return np.concatenate([_EMBEDDING * reading.embedding, np.array([*values, 1.0], dtype=_FLOAT)])

    def _gate_row(self, reading: _Reading) -> Matrix:
        counts = reading.counts
        total = sum(counts[: len(self._names)])
        some = min(1, total)
        length = log(1 + reading.length) / 3
        short = reading.length <= _SHORT
        values = [log1p(count) for count in counts]
        values += [min(1, count) for count in counts[len(self._names) :]]
        values += [log1p(total), some, length, reading.asks, short, some * short, some * length]
        return np.concatenate([_EMBEDDING * reading.embedding, _COUNTS * np.array([*values, 2.0], dtype=_FLOAT)])
