"""Which model answers, and which embedding routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from bot.clock import Clock
from bot.conversation.speaking import OFFLINE
from bot.llm import Chunk, Prompt, Provider, Reply, Structured
from bot.llm.embedder import Embedder
from bot.llm.provider import Shape
from bot.policy.schema import Policy
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry


@dataclass(slots=True)
class Named:
    """A provider that asks the model a prompt names, and ``usual`` where it names none. Models are made once, when the
    policy that names them is built (:meth:`prepare`), so that a wrong name is found then."""

    usual: Provider
    make: Callable[[str], Provider]
    _made: dict[str, Provider] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.usual.name

    def prepare(self, specs: Iterable[str]) -> None:
        """Make what is not there yet. Raises SettingsError naming what is wrong with one."""
        for spec in specs:
            if spec not in self._made:
                self._made[spec] = self.make(spec)

    async def complete(self, prompt: Prompt) -> Reply:
        return await self._for(prompt).complete(prompt)

    def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        return self._for(prompt).stream(prompt)

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        return await self._for(prompt).structured(prompt, shape)

    def far(self, prompt: Prompt) -> bool:
        """Whether whoever answers ``prompt`` is waited for: everybody but the templates."""
        return self._for(prompt).name != OFFLINE

    async def close(self) -> None:
        for each in (self.usual, *self._made.values()):
            await each.close()

    def _for(self, prompt: Prompt) -> Provider:
        return self._made.get(prompt.model, self.usual) if prompt.model else self.usual


def specs(policy: Policy) -> tuple[str, ...]:
    """The models that the domains of a policy name, each once."""
    own = [each.model for each in policy.domains.values() if each.model is not None]
    return tuple(dict.fromkeys((*own, *(() if policy.next is None else specs(policy.next)))))


def named(usual: Provider, clock: Clock, telemetry: Telemetry) -> Named:
    """``usual``, and beside it the models that policies name."""
    return Named(usual, partial(_built, clock=clock, telemetry=telemetry))


def provider(settings: Settings, clock: Clock, telemetry: Telemetry) -> Provider:
    """The provider, or the fallback order of several, that the settings name. Raises SettingsError."""
    return _built(settings.provider, clock=clock, telemetry=telemetry)


def _built(spec: str, *, clock: Clock, telemetry: Telemetry) -> Provider:
    from adapters.models.build import Choices, build
    from adapters.models.resilience import Trouble

    def observe(trouble: Trouble) -> None:
        telemetry.emit(Event.MODEL_FAILED, model=trouble.provider, problem=type(trouble.error).__name__)

    return build(spec, clock, Choices(observe=observe))


def embedder(settings: Settings) -> Embedder:
    """The embedding for routing and retrieval."""
    from adapters.embeddings.hashing import HashingEmbedder

    return HashingEmbedder()
