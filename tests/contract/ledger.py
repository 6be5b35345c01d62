"""What every Ledger does. Subclass and give ``vault`` and ``ledger`` fixtures (the ledger on that vault and clock)."""

from __future__ import annotations

import asyncio

import pytest

from bot.clock import ManualClock
from bot.conversation.effects import Journal
from bot.conversation.ledger import Ledger, TurnRow
from bot.conversation.states import State
from bot.errors import Unreadable
from bot.profile.vault import Vault
from tests.support.people import ANN, ANN_CHANNEL, ANN_DIRECT, BEN, BEN_DIRECT, DAY, HOUR, NOW
from tests.support.samples import conversation, event, journal

EVENT, STATE, JOURNAL = event(ANN, "canary event \x01\xff"), conversation("canary state"), journal("canary journal")

Kept = Ledger[State, Journal]


class LedgerContract:
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(NOW)

    async def test_an_event_is_claimed_once(self, ledger: Kept) -> None:
        assert await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        assert not await ledger.claim("t1", ANN_DIRECT, event(ANN, "again"), NOW + 1)
        assert not await ledger.claim("t1", BEN_DIRECT, event(BEN, "other"), NOW + 1)
        assert await ledger.turn("t1") == TurnRow("t1", ANN_DIRECT, EVENT, None)

    async def test_of_many_claims_at_once_one_wins(self, ledger: Kept) -> None:
        async with asyncio.TaskGroup() as group:
            claims = [group.create_task(ledger.claim("t1", ANN_DIRECT, EVENT, NOW)) for _ in range(20)]
        assert sum(claim.result() for claim in claims) == 1

    async def test_that_a_crisis_was_answered_is_known_to_whoever_takes_the_turn(self, ledger: Kept) -> None:
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.crisis_shown("t1")
        await ledger.crisis_shown("unknown")
        assert await ledger.turn("t1") == TurnRow("t1", ANN_DIRECT, EVENT, None, crisis_shown=True)
        await ledger.save("t1", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        assert await ledger.turn("t1") == TurnRow("t1", ANN_DIRECT, EVENT, JOURNAL, crisis_shown=True)

    async def test_an_unknown_turn_is_none(self, ledger: Kept) -> None:
        assert await ledger.turn("t1") is None
        await ledger.close("t1")
        assert await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)

    async def test_state_and_journal_are_saved_together(self, ledger: Kept) -> None:
        await ledger.claim("t1", ANN_CHANNEL, EVENT, NOW)
        assert await ledger.state(ANN_CHANNEL, NOW) is None
        await ledger.save("t1", ANN_CHANNEL, conversation("first"), journal("first"), NOW + HOUR)
        await ledger.save("t1", ANN_CHANNEL, STATE, JOURNAL, NOW + HOUR)
        assert await ledger.state(ANN_CHANNEL, NOW) == STATE
        assert await ledger.turn("t1") == TurnRow("t1", ANN_CHANNEL, EVENT, JOURNAL)
        assert await ledger.state(ANN_DIRECT, NOW) is None
        assert await ledger.state(BEN_DIRECT, NOW) is None

    async def test_a_state_is_hidden_at_the_instant_it_expires(self, ledger: Kept) -> None:
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.save("t1", ANN_DIRECT, STATE, JOURNAL, NOW + 10)
        assert await ledger.state(ANN_DIRECT, NOW + 9.999) == STATE
        assert await ledger.state(ANN_DIRECT, NOW + 10) is None

    async def test_a_closed_turn_leaves_its_state_and_is_still_recognised(self, ledger: Kept) -> None:
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.save("t1", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        await ledger.close("t1")
        await ledger.close("t1")
        assert await ledger.turn("t1") is None
        assert await ledger.state(ANN_DIRECT, NOW) == STATE
        assert not await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)

    async def test_nothing_is_saved_for_a_turn_that_is_not_open(self, ledger: Kept) -> None:
        await ledger.save("unknown", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.close("t1")
        await ledger.save("t1", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        assert await ledger.state(ANN_DIRECT, NOW) is None

    async def test_open_turns_come_oldest_first(self, ledger: Kept) -> None:
        for name, space in (("t3", ANN_DIRECT), ("t1", ANN_CHANNEL), ("t2", BEN_DIRECT), ("t4", ANN_DIRECT)):
            await ledger.claim(name, space, EVENT, NOW)
        await ledger.close("t1")
        await ledger.save("t3", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        assert await ledger.open_turns() == (("t3", ANN_DIRECT), ("t2", BEN_DIRECT), ("t4", ANN_DIRECT))
        assert await ledger.open_turns(of=ANN) == (("t3", ANN_DIRECT), ("t4", ANN_DIRECT))

    async def test_waiting_counts_turns_that_are_not_closed(self, ledger: Kept) -> None:
        assert await ledger.waiting() == 0
        for turn_id in ("t1", "t2", "t3"):
            await ledger.claim(turn_id, ANN_DIRECT, EVENT, NOW)
        await ledger.close("t2")
        assert await ledger.waiting() == 2
        await ledger.erase(ANN)
        assert await ledger.waiting() == 0

    async def test_erasing_takes_open_turns_and_states_of_one_person(self, ledger: Kept) -> None:
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.save("t1", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        await ledger.claim("t2", ANN_CHANNEL, EVENT, NOW)
        await ledger.claim("t3", BEN_DIRECT, EVENT, NOW)
        await ledger.save("t3", BEN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        assert await ledger.erase(ANN) == 3
        assert await ledger.erase(ANN) == 0
        assert await ledger.turn("t1") is None
        assert await ledger.state(ANN_DIRECT, NOW) is None
        assert not await ledger.claim("t2", ANN_CHANNEL, EVENT, NOW)
        assert await ledger.open_turns() == (("t3", BEN_DIRECT),)
        assert await ledger.state(BEN_DIRECT, NOW) == STATE

    async def test_what_was_erased_before_help_went_out_is_told_from_what_ended(self, ledger: Kept) -> None:
        for name in ("erased", "helped", "ended"):
            await ledger.claim(name, ANN_DIRECT, EVENT, NOW)
            assert not await ledger.unanswered(name)
        await ledger.crisis_shown("helped")
        await ledger.close("ended")
        await ledger.erase(ANN)
        assert [await ledger.unanswered(name) for name in ("erased", "helped", "ended", "unknown")] == [
            True,
            False,
            False,
            False,
        ]
        await ledger.crisis_shown("erased")
        assert not await ledger.unanswered("erased")
        assert await ledger.turn("erased") is None

    async def test_what_lost_its_key_while_it_was_kept_is_kept_anew(self, ledger: Kept, vault: Vault) -> None:
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await vault.shred(ANN)
        with pytest.raises(Unreadable):
            await ledger.turn("t1")
        claims = await asyncio.gather(*(ledger.claim("t1", ANN_DIRECT, EVENT, NOW) for _ in range(3)))
        assert sorted(claims) == [False, False, True]
        assert await ledger.turn("t1") == TurnRow("t1", ANN_DIRECT, EVENT, None)
        assert not await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)

    async def test_a_turn_running_while_its_person_is_erased_brings_nothing_back(self, ledger: Kept) -> None:
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.erase(ANN)
        await ledger.save("t1", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        assert await ledger.state(ANN_DIRECT, NOW) is None
        assert await ledger.erase(ANN) == 0

    async def test_purging_takes_expired_states_in_slices(self, ledger: Kept) -> None:
        for number, space in enumerate((ANN_DIRECT, ANN_CHANNEL, BEN_DIRECT)):
            await ledger.claim(f"t{number}", space, EVENT, NOW)
            await ledger.save(f"t{number}", space, STATE, JOURNAL, NOW + 10 + 10 * (number == 2))
        assert await ledger.purge(NOW + 9, 100) == 0
        assert await ledger.purge(NOW + 10, 1) == 1
        assert await ledger.purge(NOW + 10, 100) == 1
        assert await ledger.purge(NOW + 10, 100) == 0
        assert await ledger.state(BEN_DIRECT, NOW + 10) == STATE

    async def test_ids_of_closed_turns_are_remembered_for_thirty_days(self, ledger: Kept, clock: ManualClock) -> None:
        for name in ("t1", "t2", "open"):
            await ledger.claim(name, ANN_DIRECT, EVENT, NOW)
        await ledger.close("t1")
        clock.advance(DAY)
        await ledger.close("t2")
        assert await ledger.purge(NOW + 30 * DAY - 1, 100) == 0
        assert await ledger.purge(NOW + 30 * DAY, 100) == 1
        assert await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        assert not await ledger.claim("t2", ANN_DIRECT, EVENT, NOW)
        assert not await ledger.claim("open", ANN_DIRECT, EVENT, NOW)

    async def test_what_was_sealed_with_a_destroyed_key_is_unreadable(self, ledger: Kept, vault: Vault) -> None:
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.save("t1", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        assert await vault.shred(ANN) == 1
        with pytest.raises(Unreadable):
            await ledger.state(ANN_DIRECT, NOW)
        with pytest.raises(Unreadable):
            await ledger.turn("t1")

    async def test_a_late_repetition_makes_no_key_for_a_forgotten_person(self, ledger: Kept, vault: Vault) -> None:
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.erase(ANN)
        await vault.shred(ANN)
        await ledger.claim("t1", ANN_DIRECT, EVENT, NOW)
        await ledger.save("t1", ANN_DIRECT, STATE, JOURNAL, NOW + HOUR)
        assert await vault.shred(ANN) == 0
        assert await vault.shred(BEN) == 0
