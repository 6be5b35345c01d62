"""What a person agreed to: pure decisions over what they said, and the port to where it is kept.

Consent is per attribute, asked once with purpose and duration before the first sensitive attribute; answering that
question after the explanation grants it, declining it is remembered, withdrawing it works at once (FIELD section 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Final, Protocol

from bot.clock import Seconds
from bot.frozen import dataclass
from bot.identity import Person
from bot.profile.attributes import Sensitivity


class Agreement(StrEnum):
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's word about one attribute, for the one purpose the bot has: answering them better."""

    attribute: str
    agreement: Agreement
    at: Seconds


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands: their consents by attribute, whether they were told about purpose and duration, and
    whether they paused the bot's learning."""

    consents: Mapping[str, Consent] = field(default_factory=dict)
    informed: bool = False
    paused: bool = False


NEW: Standing = Standing()


class ConsentStore(Protocol):
    """Kept until erased. Raises StoreUnavailable; callers then behave as for a person who is paused."""

    async def read(self, person: Person) -> Standing: ...

    async def write(self, person: Person, standing: Standing) -> None:
        """Replace where the person stands, as a whole."""
        ...

    async def erase(self, person: Person) -> int: ...


DECISIONS: Final = {
    "may_ask": "nothing is asked while the person has paused, nor about what they have withdrawn",
    "may_keep": "a sensitive value is kept beyond the question at hand only with consent; nothing that was declined is",
    "may_use": "nothing is used in an answer that was withdrawn, nor anything while the person has paused",
    "may_share": "a value is moved to a more public place only by the person, and only while it may be kept and used",
    "may_send_to_model": "a sensitive value leaves for a model's provider only with consent",
}
"""The decisions below, in words for those who audit a deployment."""


def may_ask(standing: Standing, attribute: str) -> bool:
    """Never while paused, never again after a withdrawal."""
    consent = standing.consents.get(attribute)
    withdrawn = consent is not None and consent.agreement is Agreement.WITHDRAWN
    return not standing.paused and not withdrawn


def may_keep(standing: Standing, attribute: str, sensitivity: Sensitivity) -> bool:
    """Whether a value may be kept beyond the turn it was told in: sensitive ones only with consent."""
    if standing.paused:
        return False
    consent = standing.consents.get(attribute)
    if consent is not None and consent.agreement is not Agreement.GRANTED:
        return False
    return sensitivity is not Sensitivity.SENSITIVE or consent is not None


def may_use(standing: Standing, attribute: str) -> bool:
    """Whether a kept value may be used in an answer."""
    consent = standing.consents.get(attribute)
    refused = consent is not None and consent.agreement is Agreement.WITHDRAWN
    return not standing.paused and not refused


def may_share(standing: Standing, attribute: str, sensitivity: Sensitivity) -> bool:
    """Whether the person may move a kept value to another place: sensitive ones only with consent."""
    return may_keep(standing, attribute, sensitivity) and may_use(standing, attribute)


def may_send_to_model(standing: Standing, attribute: str, sensitivity: Sensitivity) -> bool:
    """Whether a value may leave for a model's provider: as for using it, and sensitive ones only with consent."""
    if not may_use(standing, attribute):
        return False
    consent = standing.consents.get(attribute)
    granted = consent is not None and consent.agreement is Agreement.GRANTED
    return granted or sensitivity is not Sensitivity.SENSITIVE


def reconciled(before: Standing, mine: Standing, latest: Standing) -> Standing:
    """What to keep when a turn that began at ``before`` wants to write ``mine`` and finds ``latest``: what the turn
    changed, save where something was said later. Done again after a crash, it undoes nothing that was said since."""
    changed = {name: word for name, word in mine.consents.items() if before.consents.get(name) != word}
    meanwhile = {name: word for name, word in latest.consents.items() if before.consents.get(name) != word}
    # Only what was said meanwhile is compared by time: after a clock was set back, what was said long ago looks later.
    said_later = {name for name in changed if name in meanwhile and meanwhile[name].at > changed[name].at}
    return Standing(
        consents={**latest.consents, **{name: word for name, word in changed.items() if name not in said_later}},
        informed=mine.informed or latest.informed,
        paused=mine.paused if mine.paused != before.paused else latest.paused,
    )


def with_consent(standing: Standing, attribute: str, agreement: Agreement, now: Seconds) -> Standing:
    """Where the person stands after saying so."""
    consents = {**standing.consents, attribute: Consent(attribute, agreement, now)}
    return Standing(consents, standing.informed, standing.paused)
