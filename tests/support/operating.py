"""The operators' pages over a running application: a policy folder and a state of its own, and real accounts."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.stores.sql.accounts import SqlAccounts
from adapters.stores.sql.database import SqlDatabase
from adapters.web.desk import DeskAddress, DeskApp
from bot.assembly.application import Application, application
from bot.assembly.operating import console
from bot.assembly.stage import Notes, StagePlatform
from bot.chat import Chose, Inbound, Said
from bot.clock import ManualClock
from bot.identity import DIRECT, Person
from bot.policy.loader import load
from bot.private import Private
from bot.review.moderators import Moderator, Role
from bot.review.operating import DAY
from bot.settings import Settings
from bot.telemetry.logs import silent
from tests.support.databases import in_sqlite
from tests.support.desk_site import CHEAP, PASSWORD
from tests.support.policies import reloading
from tests.support.reviewing import LEA, MIA, OTTO

POLICIES: Final = Path(__file__).parents[2] / "policies"
LOCAL: Final = Moderator("olga", Role.OPERATOR, frozenset({"web:w2"}))
LONG_AGO: Final = 200 * DAY
EXAM: Final = "I failed my final exam and my parents don't know yet"


@dataclass(slots=True)
class Operated:
    """``url`` is the desk's; olga operates one workspace only, otto all of them."""

    url: str
    app: Application
    folder: Path
    clock: ManualClock
    people: int = 0

    def edit(self, name: str, old: str, new: str, *, unseen: bool = False) -> None:
        """``unseen``: the watch takes the file for the same, where old and new are of one length."""
        file = self.folder / name
        changed = file.stat().st_mtime_ns
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        if unseen:
            os.utime(file, ns=(changed, changed))

    async def reloaded(self) -> None:
        """By the watch itself, which has then seen every change so far. Twice: the first may have begun before."""
        live = self.app.live
        assert live is not None
        for _ in range(2):
            before = live.latest
            live.ask("test")
            while live.latest is before:  # noqa: ASYNC110 - nobody is told of a reload that changed nothing
                await asyncio.sleep(0.01)
        assert self.app.rules().policy.id == load(self.folder).id

    async def afresh(self) -> None:
        """As if just started: what was decided is longer ago than any page looks, and the policy is the shipped one."""
        self.clock.advance(LONG_AGO)
        for child in self.folder.iterdir():
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        shutil.copytree(POLICIES, self.folder, dirs_exist_ok=True)
        await self.reloaded()

    async def ask(self, text: str, then: str = "") -> None:
        """Somebody new writes, and then presses what they are offered."""
        self.people += 1
        person = Person("web", "w1", f"u{self.people}")
        for number, event in enumerate((Said(Private(text)), *((Chose(then),) if then else ()))):
            arrived = Inbound(f"e{self.people}.{number}", person, DIRECT, event, self.clock.now(), "en")
            receipt = await self.app.intake.accept(arrived)
            await self.app.intake.finished(receipt.turn_id)


@asynccontextmanager
async def operated(where: Path) -> AsyncIterator[Operated]:
    folder = where / "policies"
    shutil.copytree(POLICIES, folder)
    settings, clock = Settings(policies=folder, state=where / "state"), ManualClock()
    database = SqlDatabase(in_sqlite(where / "accounts.db"))
    await database.open()
    accounts = SqlAccounts(database, CHEAP)
    for each in (MIA, LEA, OTTO, LOCAL):
        await accounts.save(each, Private(PASSWORD), clock.now())
    stage = StagePlatform("web", Notes())
    async with application(settings, [stage], clock=clock, telemetry=silent(), rulebook=reloading(settings)) as app:
        operators = console(app.live, app.stores, clock)
        desk = DeskApp(app.reviewing.desk, accounts, DeskAddress(port=0), console=operators)
        url = await desk.start()
        try:
            yield Operated(url, app, folder, clock)
        finally:
            await desk.stop()
            await database.close()
