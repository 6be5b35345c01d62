"""What every AccountBook does. Subclass and give the fixture ``book``."""

from __future__ import annotations

from bot.private import Private
from bot.review.accounts import Account, AccountBook
from bot.review.moderators import EVERYWHERE, Moderator, Role
from tests.support.people import NOW

MIA = Moderator("mia", Role.MODERATOR, frozenset({"slack:T1", "web:playground"}))
LEA = Moderator("lea", Role.LEAD, EVERYWHERE)
PASSWORD = Private("correct horse battery")
OTHER = Private("another long password")


class AccountBookContract:
    async def test_an_account_is_found_as_it_was_made(self, book: AccountBook) -> None:
        assert await book.save(MIA, PASSWORD, NOW)
        assert await book.find("mia") == MIA
        assert await book.account("mia") == Account(MIA, NOW)
        assert await book.find("lea") is None

    async def test_only_its_own_password_proves_an_account(self, book: AccountBook) -> None:
        await book.save(MIA, PASSWORD, NOW)
        await book.save(LEA, OTHER, NOW)
        assert await book.proven("mia", PASSWORD) == Account(MIA, NOW)
        assert await book.proven("mia", OTHER) is None
        assert await book.proven("nobody", PASSWORD) is None

    async def test_saving_again_changes_role_and_password(self, book: AccountBook) -> None:
        await book.save(MIA, PASSWORD, NOW)
        lead = Moderator("mia", Role.LEAD, EVERYWHERE)
        assert not await book.save(lead, OTHER, NOW + 1)
        assert await book.account("mia") == Account(lead, NOW + 1)
        assert await book.proven("mia", PASSWORD) is None

    async def test_everybody_comes_by_name_until_removed(self, book: AccountBook) -> None:
        await book.save(MIA, PASSWORD, NOW)
        await book.save(LEA, PASSWORD, NOW)
        assert await book.everybody() == (LEA, MIA)
        assert await book.remove("mia")
        assert not await book.remove("mia")
        assert await book.everybody() == (LEA,)
        assert await book.proven("mia", PASSWORD) is None
