"""What a turn decides to do, as data. The list of effects is the turn's record."""

from __future__ import annotations

from bot.chat import Body
from bot.clock import Seconds
from bot.conversation.audit import Decided as Decided
from bot.frozen import dataclass
from bot.identity import Space
from bot.llm import Prompt
from bot.profile.consent import NEW, Standing
from bot.profile.store import Changes
from bot.raise_core.agent.answer import Brief
from bot.risk.flags import Flag


@dataclass(frozen=True, slots=True)
class Say:
    """Deliver one message."""

    body: Body
    space: Space


@dataclass(frozen=True, slots=True)
class Write:
    """Have the model write the answer and stream it."""

    brief: Brief
    space: Space


@dataclass(frozen=True, slots=True)
class ReadByModel:
    """Make the one structured call for a reply that the rules could not read. ``until`` is when the first of the values
    in the prompt expires; None where none does."""

    prompt: Prompt
    until: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Remember:
    """Change the profile."""

    changes: Changes


@dataclass(frozen=True, slots=True)
class Agree:
    """Keep where the person stands about consent. ``before`` is where they stood when this was decided: only what
    differs from it is this turn's doing."""

    standing: Standing
    before: Standing = NEW


@dataclass(frozen=True, slots=True)
class Alert:
    """Raise a flag for moderators."""

    flag: Flag


@dataclass(frozen=True, slots=True)
class Erase:
    """Forget the person everywhere, and tell them what was removed."""

    space: Space
    locale: str


Effect = Say | Write | ReadByModel | Remember | Agree | Alert | Erase | Decided


@dataclass(frozen=True, slots=True)
class Journal:
    """What a turn has decided. ``settled`` are the indexes of the model effects whose consequences are in the state
    and of ``effects`` already."""

    effects: tuple[Effect, ...]
    settled: frozenset[int] = frozenset()
