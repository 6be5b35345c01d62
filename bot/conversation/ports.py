"""Everything a turn touches, handed to the runner as one value."""

from __future__ import annotations

from collections.abc import Callable

from bot.clock import Clock
from bot.conversation.audit import Audit
from bot.conversation.effects import Journal
from bot.conversation.ledger import Ledger
from bot.conversation.rules import Rules
from bot.conversation.speaking import Speaker
from bot.conversation.states import State
from bot.frozen import dataclass
from bot.llm import Provider
from bot.profile.consent import ConsentStore
from bot.profile.erasure import Forgetting
from bot.profile.store import ProfileStore
from bot.risk.flags import FlagDesk
from bot.risk.screen import Findings
from bot.telemetry.events import Telemetry


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a turn touches. ``rules`` gives the current snapshot, pinned once per turn; ``forget`` erases a person
    everywhere; ``crisis_shown`` says whether the intake has replied to a crisis in this turn already, and ``in_danger``
    whether it took the event for one, of all it hears of the person; ``found`` gives what its screening found, by turn
    and policy id."""

    rules: Callable[[], Rules]
    ledger: Ledger[State, Journal]
    profiles: ProfileStore
    consents: ConsentStore
    flags: FlagDesk
    audit: Audit
    provider: Provider
    speaker: Speaker
    clock: Clock
    telemetry: Telemetry
    forget: Forgetting
    crisis_shown: Callable[[str], bool]
    in_danger: Callable[[str], bool]
    found: Callable[[str, str], Findings | None]
