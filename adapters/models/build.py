"""From the words of the settings to a provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from adapters.models.offline import NAME as OFFLINE
from adapters.models.offline import Offline
from adapters.models.remote import DEFAULT_TIMEOUTS, ModelNames, Timeouts
from adapters.models.resilience import DEFAULT_PATIENCE, Patience, Resilient, Trouble
from adapters.models.scripted import Scripted
from bot.clock import Clock
from bot.errors import SettingsError
from bot.llm.batches import BatchProvider
from bot.llm.prices import PRICES, Prices
from bot.llm.provider import Provider, Purpose

KNOWN: Final = ("offline", "anthropic[:MODEL]", "openai[:MODEL]", "scripted:FILE")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the settings may say besides the order. ``models``: provider -> purpose -> model name, over the defaults."""

    models: Mapping[str, Mapping[Purpose, str]] = field(default_factory=dict)
    timeouts: Timeouts = DEFAULT_TIMEOUTS
    patience: Patience = DEFAULT_PATIENCE
    prices: Prices = field(default_factory=lambda: PRICES)
    observe: Callable[[Trouble], None] = lambda trouble: None


DEFAULT_CHOICES: Final = Choices()


def build(spec: str, clock: Clock, choices: Choices = DEFAULT_CHOICES) -> Provider:
    """The provider that a spec names: ``offline``, ``anthropic``, ``openai:llama3.1:8b``, ``scripted:replies.jsonl``,
    or a fallback order such as ``anthropic,openai``.

    Behind models that can be down there is always ``offline``; a script alone stays alone, so that running out of it
    shows. Raises SettingsError listing every problem of the spec (unknown names, missing keys, unreadable scripts)."""
    providers: list[Provider] = []
    problems: list[str] = []
    names = [part.strip() for part in spec.split(",")]
    for part in names:
        try:
            providers.append(_one(part, choices))
        except SettingsError as error:
            problems.extend(error.problems)
    if OFFLINE in names[:-1]:
        problems.append(f"{spec}: offline always answers, so it must be the last of the order.")
    if problems:
        raise SettingsError(tuple(problems))
    if len(providers) == 1 and isinstance(providers[0], Offline | Scripted):
        return providers[0]
    if not isinstance(providers[-1], Offline):
        providers.append(Offline())
    return Resilient(providers, clock, choices.patience, observe=choices.observe)


def alone(spec: str, choices: Choices = DEFAULT_CHOICES) -> Provider:
    """The one provider that a spec names, with nothing behind it: for jobs, where a template must never pass for an
    answer, and which wait by themselves. Raises SettingsError, also for ``offline``."""
    if spec.strip() == OFFLINE:
        raise SettingsError(
            ("this needs a model, and the provider is offline: choose one such as anthropic or openai:MODEL.",)
        )
    return _one(spec.strip(), choices)


def batches_of(provider: Provider) -> BatchProvider:
    """The batches of a provider made here. Raises SettingsError where it has none."""
    from adapters.models.remote import Remote

    if not isinstance(provider, Remote):
        raise SettingsError((f"{provider.name} takes no batches: choose anthropic or openai, or leave --batch out.",))
    return provider.batches()


def _one(part: str, choices: Choices) -> Provider:
    kind, _, rest = part.partition(":")
    match kind:
        case "offline" if not rest:
            return Offline()
        case "scripted" if rest:
            return Scripted.from_file(Path(rest), timeout=choices.timeouts.total)
        case "anthropic":
            # Imported here: an SDK costs one to two seconds and need not be installed when it is not chosen.
            from adapters.models import anthropic

            names = _names(anthropic.MODELS, rest, choices.models.get(kind, {}))
            return anthropic.AnthropicProvider(names, timeouts=choices.timeouts, prices=choices.prices)
        case "openai":
            from adapters.models import openai

            names = _names(openai.MODELS, rest, choices.models.get(kind, {}))
            return openai.OpenAIProvider(names, timeouts=choices.timeouts, prices=choices.prices)
    raise SettingsError(
        (f"provider {part!r} is not known: expected one of {', '.join(KNOWN)}, or several with commas.",)
    )


def _names(defaults: ModelNames, chosen: str, by_purpose: Mapping[Purpose, str]) -> ModelNames:
    """A model named in the spec serves every purpose that the settings do not name one for."""
    if chosen:
        return ModelNames(chosen, dict(by_purpose))
    return ModelNames(by_purpose.get(Purpose.ANSWER, defaults.default), {**defaults.by_purpose, **by_purpose})
