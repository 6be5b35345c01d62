"""What every Installations and every Threads does."""

from __future__ import annotations

from bot.chat.installations import Installation, Installations
from bot.chat.threads import Threads
from bot.identity import Person
from bot.private import Private

ANN = Person("slack", "T1", "U1")
BEN = Person("slack", "T1", "U2")
TOKEN = "xoxb-1"


def installation(workspace: str = "T1", enterprise: str = "", token: str = TOKEN, at: float = 1.0) -> Installation:
    return Installation(workspace, enterprise, Private(token), "UBOT", "B1", "A1", ("chat:write", "commands"), at)


class InstallationsContract:
    async def test_what_is_saved_is_found(self, installations: Installations) -> None:
        assert await installations.find("T1", "") is None
        await installations.save(installation())
        assert await installations.find("T1", "") == installation()
        assert await installations.find("T2", "") is None
        assert await installations.find("", "") is None

    async def test_a_new_installation_replaces_the_old(self, installations: Installations) -> None:
        await installations.save(installation())
        await installations.save(installation(token="xoxb-2", at=2.0))
        assert await installations.find("T1", "") == installation(token="xoxb-2", at=2.0)

    async def test_an_organisation_covers_its_workspaces_and_their_own_come_first(
        self, installations: Installations
    ) -> None:
        whole, own = installation("", "E1", "xoxb-whole"), installation("T1", "E1", "xoxb-own")
        await installations.save(whole)
        assert await installations.find("T1", "E1") == whole
        assert await installations.find("T1", "E2") is None
        await installations.save(own)
        assert await installations.find("T1", "E1") == own
        assert await installations.find("T2", "E1") == whole

    async def test_one_workspace_is_removed_and_no_other(self, installations: Installations) -> None:
        await installations.save(installation("T1"))
        await installations.save(installation("T2"))
        assert await installations.remove("T1", "") == 1
        assert await installations.remove("T1", "") == 0
        assert await installations.find("T1", "") is None
        assert await installations.find("T2", "") is not None

    async def test_an_organisation_is_removed_with_its_workspaces(self, installations: Installations) -> None:
        for each in (installation("", "E1"), installation("T1", "E1"), installation("T2", "E2"), installation("T3")):
            await installations.save(each)
        assert await installations.remove("", "") == 0
        assert await installations.remove("", "E1") == 2
        assert await installations.find("T1", "E1") is None
        assert await installations.find("T2", "E2") is not None
        assert await installations.find("T3", "") is not None

    async def test_the_workspaces_of_an_organisation_are_named(self, installations: Installations) -> None:
        for each in (installation("", "E1"), installation("T2", "E1"), installation("T1", "E1"), installation("T3")):
            await installations.save(each)
        assert await installations.workspaces("E1") == ("T1", "T2")
        assert await installations.workspaces("E2") == ()
        assert await installations.workspaces("") == ()


class ThreadsContract:
    async def test_a_person_joins_a_thread(self, threads: Threads) -> None:
        assert not await threads.joined(ANN, "C1/1.0")
        await threads.join(ANN, "C1/1.0", 1.0)
        await threads.join(ANN, "C1/1.0", 2.0)
        assert await threads.joined(ANN, "C1/1.0")
        assert not await threads.joined(ANN, "C1/2.0")
        assert not await threads.joined(BEN, "C1/1.0")

    async def test_a_person_leaves_all_threads(self, threads: Threads) -> None:
        await threads.join(ANN, "C1/1.0", 1.0)
        await threads.join(ANN, "C1/2.0", 1.0)
        await threads.join(BEN, "C1/1.0", 1.0)
        assert await threads.leave(ANN) == 2
        assert await threads.leave(ANN) == 0
        assert not await threads.joined(ANN, "C1/1.0")
        assert await threads.joined(BEN, "C1/1.0")
