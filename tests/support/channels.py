"""Channels of moderators for tests of the core: what was posted and edited, and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.identity import Person
from bot.policy.cases import ChannelPolicy
from bot.policy.schema import Policy
from bot.review.chat.board import NotShown
from bot.review.chat.cards import Card
from bot.review.chat.channel import Channel
from bot.review.moderators import Moderator
from tests.support.policies import shipped

MODS = Channel("slack", "T1", "CMODS")
LEADS = Channel("slack", "T1", "CLEADS")


def with_channels(*lines: ChannelPolicy) -> Policy:
    """The shipped policy with channels of moderators."""
    policy = shipped()
    return policy.model_copy(update={"cases": policy.cases.model_copy(update={"channels": lines})})


@dataclass
class Wall:
    """A Surface that keeps what it is given. ``problems`` are raised by the next calls, None lets one through."""

    cards: dict[tuple[Channel, str], Card] = field(default_factory=dict)
    posts: int = 0
    edits: int = 0
    problems: list[NotShown | None] = field(default_factory=list)
    asked: int = 0

    async def find(self, channel: Channel, case_id: str, since: float) -> str:
        found = (key for key, card in self.cards.items() if key[0] == channel and card.case_id == case_id)
        return next(found, (channel, ""))[1]

    async def post(self, channel: Channel, card: Card) -> str:
        self._fail()
        self.posts += 1
        self.cards[channel, f"m{self.posts}"] = card
        return f"m{self.posts}"

    async def edit(self, channel: Channel, message: str, card: Card) -> None:
        self._fail()
        self.edits += 1
        self.cards[channel, message] = card

    def of(self, case_id: str, channel: Channel = MODS) -> Card:
        """The card of the case as it stands."""
        (found,) = [card for (where, _), card in self.cards.items() if where == channel and card.case_id == case_id]
        return found

    def _fail(self) -> None:
        self.asked += 1
        problem = self.problems.pop(0) if self.problems else None
        if problem is not None:
            raise problem


@dataclass
class Linked:
    """Links that are what the test says."""

    accounts: dict[str, Moderator] = field(default_factory=dict)

    async def moderator(self, who: Person) -> Moderator | None:
        return self.accounts.get(str(who))


def words(card: Card) -> str:
    """Everything a card says, moments as their number."""
    lines = ["".join(part if isinstance(part, str) else f"@{part.at:.0f}" for part in line) for line in card.lines]
    return "\n".join([card.title, *lines])
