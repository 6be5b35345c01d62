"""What models cost, as data.

The figures are what the providers' price pages said in November 2026, for prompts of ordinary length and without
caching. They change: the settings may replace or extend them, and a model that is not listed has no price rather than
a guessed one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float


Prices = Mapping[str, Price]
"""Model name -> price. A name also stands for its dated releases (``gpt-4o`` for ``gpt-4o-2024-11-20``)."""

PRICES: Final[Prices] = MappingProxyType(
    {
        "claude-fable-5-1": Price(10.0, 50.0),
        "claude-opus-5-5": Price(4.0, 20.0),
        "claude-opus-5": Price(5.0, 25.0),
        "claude-opus-4-8": Price(5.0, 25.0),
        "claude-opus-4-7": Price(5.0, 25.0),
        "claude-opus-4-6": Price(5.0, 25.0),
        "claude-opus-4-5": Price(5.0, 25.0),
        "claude-sonnet-5-5": Price(2.0, 10.0),
        "claude-sonnet-5": Price(2.0, 10.0),
        "claude-sonnet-4-6": Price(3.0, 15.0),
        "claude-sonnet-4-5": Price(3.0, 15.0),
        "claude-haiku-5-5": Price(0.1, 0.5),
        "claude-haiku-4-5": Price(1.0, 5.0),
        "gpt-6-astra": Price(10.0, 50.0),
        "gpt-6.1-sol": Price(2.0, 10.0),
        "gpt-6-sol": Price(2.0, 10.0),
        "gpt-6-luna": Price(0.1, 0.5),
        "gpt-5.6-sol": Price(4.0, 20.0),
        "gpt-5.6-terra": Price(2.0, 12.0),
        "gpt-5.6-luna": Price(0.2, 1.2),
        "gpt-4.1": Price(2.0, 8.0),
        "gpt-4.1-mini": Price(0.4, 1.6),
        "gpt-4o": Price(2.5, 10.0),
        "gpt-4o-mini": Price(0.15, 0.6),
    }
)

BATCH_SHARE: Final = 0.5
"""What a call in a batch costs of its price: half, at Anthropic and at OpenAI (their price pages, November 2026)."""
_RELEASE: Final = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)\Z")


def cost(prices: Prices, model: str, input_tokens: int, output_tokens: int) -> float | None:
    """US dollars, or None when the model has no price. ``model`` may carry a release date."""
    price = prices.get(model) or prices.get(_RELEASE.sub("", model))
    if price is None:
        return None
    return (input_tokens * price.input + output_tokens * price.output) / 1_000_000


def in_batches(prices: Prices) -> Prices:
    """What the same models cost in batches."""
    return {name: Price(each.input * BATCH_SHARE, each.output * BATCH_SHARE) for name, each in prices.items()}
