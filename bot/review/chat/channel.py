"""Which channel of moderators a case belongs in, as the policy says. First match wins; none: it is not shown in chat.

A line without ``workspaces`` takes the cases of the channel's own workspace only, so that nothing about a community
shows in another one unless somebody wrote that it should.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import InputError
from bot.policy.cases import CasesPolicy, ChannelPolicy
from bot.review.cases import Case


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of moderators. Written ``platform:workspace:channel`` (``slack:T1:C1``)."""

    platform: str
    workspace: str
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.workspace}:{self.id}"

    @property
    def home(self) -> str:
        return f"{self.platform}:{self.workspace}"

    @classmethod
    def parse(cls, text: str) -> Channel:
        """Raises InputError for any other form."""
        parts = text.split(":")
        if len(parts) != 3 or not all(parts):
            raise InputError(f"expected a channel as platform:workspace:channel (slack:T1:C1), got {text[:80]!r}")
        return cls(*parts)


def channel_of(cases: CasesPolicy, case: Case) -> Channel | None:
    """Where the card of this case belongs."""
    return next((channel for line, channel in _lines(cases) if _takes(line, channel, case)), None)


def channels_of(cases: CasesPolicy, platform: str) -> tuple[Channel, ...]:
    """Every channel of this platform that the policy names, once each."""
    return tuple(dict.fromkeys(channel for _, channel in _lines(cases) if channel.platform == platform))


def _lines(cases: CasesPolicy) -> Iterator[tuple[ChannelPolicy, Channel]]:
    return ((line, Channel.parse(line.channel)) for line in cases.channels)


def _takes(line: ChannelPolicy, channel: Channel, case: Case) -> bool:
    return (
        (not line.severities or case.severity in line.severities)
        and (not line.queues or case.queue in line.queues)
        and case.workspace in (line.workspaces or (channel.home,))
    )
