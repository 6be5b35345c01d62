"""What the review desk may read of a conversation: the short memory, as long as the conversation itself is kept."""

from __future__ import annotations

from bot.clock import Seconds
from bot.conversation.effects import Journal
from bot.conversation.ledger import Ledger
from bot.conversation.states import State, home
from bot.frozen import dataclass
from bot.identity import ConversationKey
from bot.llm import Role
from bot.review.transcript import Line, Voice


@dataclass(frozen=True, slots=True)
class LedgerTranscript:
    """Transcript over the ledger."""

    ledger: Ledger[State, Journal]

    async def lines(self, conversation: ConversationKey, now: Seconds) -> tuple[Line, ...] | None:
        """The lines of the person in this space alone. What was answered in private to something said in a channel is
        part of that conversation."""
        state = await self.ledger.state(home(conversation.person), now)
        if state is None:
            return None
        thread = state.threads.get(conversation.space)
        if thread is None:
            return None
        return tuple(Line(Voice.PERSON if line.role is Role.USER else Voice.BOT, line.text) for line in thread.lines)
