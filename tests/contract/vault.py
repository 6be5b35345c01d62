"""What every Vault does. Subclass and give a ``vault`` fixture."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Unreadable
from bot.profile.vault import Vault
from tests.support.people import ANN, ANN_ELSEWHERE, BEN

PLAIN = "what Ann said: naïve 🫶".encode()


class VaultContract:
    async def test_what_is_sealed_opens_again(self, vault: Vault) -> None:
        for plain in (PLAIN, b"", bytes(range(256)) * 100):
            assert await vault.open(ANN, await vault.seal(ANN, plain, "ledger.state"), "ledger.state") == plain

    async def test_nothing_shines_through_and_no_two_are_alike(self, vault: Vault) -> None:
        first, second = await vault.seal(ANN, PLAIN, "c"), await vault.seal(ANN, PLAIN, "c")
        assert first != second
        assert PLAIN not in first
        assert b"Ann" not in first

    async def test_it_opens_in_the_same_context_only(self, vault: Vault) -> None:
        sealed = await vault.seal(ANN, PLAIN, "ledger.state")
        with pytest.raises(Unreadable):
            await vault.open(ANN, sealed, "ledger.journal")

    async def test_it_opens_for_the_same_person_only(self, vault: Vault) -> None:
        sealed = await vault.seal(ANN, PLAIN, "c")
        await vault.seal(BEN, PLAIN, "c")
        for other in (BEN, ANN_ELSEWHERE):
            with pytest.raises(Unreadable):
                await vault.open(other, sealed, "c")

    async def test_a_changed_text_does_not_open(self, vault: Vault) -> None:
        sealed = await vault.seal(ANN, PLAIN, "c")
        for place in (0, 1, 12, 13, len(sealed) - 1):
            changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
            with pytest.raises(Unreadable) as caught:
                await vault.open(ANN, changed, "c")
            assert "Ann" not in str(caught.value)
        for short in (b"", sealed[:10], sealed[:-1]):
            with pytest.raises(Unreadable):
                await vault.open(ANN, short, "c")

    async def test_shredding_ends_everything_sealed_before(self, vault: Vault) -> None:
        sealed = await vault.seal(ANN, PLAIN, "c")
        others = await vault.seal(BEN, PLAIN, "c")
        assert await vault.shred(ANN) == 1
        assert await vault.shred(ANN) == 0
        with pytest.raises(Unreadable):
            await vault.open(ANN, sealed, "c")
        assert await vault.open(BEN, others, "c") == PLAIN

    async def test_it_knows_who_has_a_key_and_makes_none_to_say_so(self, vault: Vault) -> None:
        assert not await vault.knows(ANN)
        assert not await vault.knows(ANN)
        await vault.seal(ANN, PLAIN, "c")
        assert await vault.knows(ANN)
        assert not await vault.knows(BEN)
        await vault.shred(ANN)
        assert not await vault.knows(ANN)

    async def test_a_person_who_comes_back_gets_a_new_key(self, vault: Vault) -> None:
        old = await vault.seal(ANN, PLAIN, "c")
        await vault.shred(ANN)
        new = await vault.seal(ANN, PLAIN, "c")
        assert await vault.open(ANN, new, "c") == PLAIN
        with pytest.raises(Unreadable):
            await vault.open(ANN, old, "c")

    async def test_a_person_never_seen_has_nothing_to_open(self, vault: Vault) -> None:
        with pytest.raises(Unreadable):
            await vault.open(ANN, b"\x01" + bytes(40), "c")
        assert await vault.shred(ANN) == 0

    async def test_first_use_many_times_at_once_makes_one_key(self, vault: Vault) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(vault.seal(ANN, PLAIN, "c")) for _ in range(20)]
        for task in tasks:
            assert await vault.open(ANN, task.result(), "c") == PLAIN
