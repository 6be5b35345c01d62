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
from bot.frozen import dataclass, replace
from bot.identity import Person
from bot.profile.attributes import Sensitivity


class Agreement(StrEnum):
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's word about one attribute, for the one purpose the bot has: answering them better.

    ``earlier`` is when they withdrew it before they said this, if they ever did: what was told until then stays taken
    back, also where the store could not be reached to remove it."""

    attribute: str
    agreement: Agreement
    at: Seconds
    earlier: Seconds | None = None

    @property
    def withdrawn_at(self) -> Seconds | None:
        """When it was withdrawn last; None if it never was."""
        return self.at if self.agreement is Agreement.WITHDRAWN else self.earlier


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
    "was_taken_back": "what was told before a withdrawal is never used again, whatever is agreed to later",
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


def was_taken_back(standing: Standing, attribute: str, told_at: Seconds) -> bool:
    """Whether what was told at that moment was withdrawn since, whatever was agreed to later."""
    consent = standing.consents.get(attribute)
    withdrawn_at = None if consent is None else consent.withdrawn_at
    return withdrawn_at is not None and told_at < withdrawn_at


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
    kept = {name: _after(latest.consents.get(name), word) for name, word in changed.items() if name not in said_later}
    return Standing(
        consents={**latest.consents, **kept},
        informed=mine.informed or latest.informed,
        paused=mine.paused if mine.paused != before.paused else latest.paused,
    )


def with_consent(standing: Standing, attribute: str, agreement: Agreement, now: Seconds) -> Standing:
    """Where the person stands after saying so."""
    word = _after(standing.consents.get(attribute), Consent(attribute, agreement, now))
    return Standing({**standing.consents, attribute: word}, standing.informed, standing.paused)


def _after(before: Consent | None, word: Consent) -> Consent:
    """The word, with the withdrawal that came before it."""
    moments = [each for each in (before.withdrawn_at if before is not None else None, word.earlier) if each is not None]
    return replace(word, earlier=max(moments)) if moments and word.agreement is not Agreement.WITHDRAWN else word
