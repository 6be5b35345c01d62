"""The turns that were submitted to this process and were not seen to end, by conversation."""

from __future__ import annotations

from collections import Counter


class Submitted:
    """A set of ids of turns that knows whose conversation each belongs to."""

    def __init__(self) -> None:
        self._conversations: dict[str, str] = {}
        self._turns: Counter[str] = Counter()

    def __contains__(self, turn_id: str) -> bool:
        return turn_id in self._conversations

    def add(self, turn_id: str, conversation: str) -> None:
        if turn_id not in self._conversations:
            self._conversations[turn_id] = conversation
            self._turns[conversation] += 1

    def discard(self, turn_id: str) -> None:
        conversation = self._conversations.pop(turn_id, None)
        if conversation is not None:
            self._turns[conversation] -= 1
            if not self._turns[conversation]:
                del self._turns[conversation]

    def last(self, turn_id: str) -> bool:
        """Whether it is the only one of its conversation here; False where it is not known whose it is."""
        conversation = self._conversations.get(turn_id)
        return conversation is not None and self._turns[conversation] == 1

    def clear(self) -> None:
        self._conversations.clear()
        self._turns.clear()
