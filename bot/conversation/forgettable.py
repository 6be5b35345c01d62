"""What somebody could have forgotten at this moment, for a form in which they tick it."""

from __future__ import annotations

from collections.abc import Callable

from bot.chat.forgettable import Forgettable
from bot.clock import Clock
from bot.conversation.rules import Rules
from bot.frozen import dataclass
from bot.identity import Person
from bot.private import Private
from bot.profile.store import ProfileStore
from bot.raise_core.agent.question import label


@dataclass(frozen=True, slots=True)
class KnownNow:
    """A :class:`bot.chat.forgettable.Forgettables`: what ``/privacy`` offers to forget one by one."""

    profiles: ProfileStore
    rules: Callable[[], Rules]
    clock: Clock

    async def __call__(self, person: Person, locale: str) -> tuple[Forgettable, ...]:
        policy = self.rules().policy
        said: dict[str, list[str]] = {}
        for record in await self.profiles.read(person, self.clock.now()):
            if record.attribute in policy.defaults.attributes:
                said.setdefault(record.attribute, []).append(record.value.said.reveal())
        return tuple(
            Forgettable(name, label(policy, name, locale), Private(", ".join(dict.fromkeys(values))))
            for name, values in said.items()
        )
