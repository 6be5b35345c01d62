"""``raise-bot keys rotate`` killed and gone on with, and everything sealed that can be damaged: each says so, nothing
starts half readable, and nobody else notices."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.database import connect
from adapters.stores.sql.tables import person_keys
from bot.assembly import stores
from bot.cli.main import main
from bot.clock import ManualClock
from bot.errors import StoreUnavailable
from bot.identity import Person
from bot.settings import Settings
from tests.scenario.conversations import CRISIS, ERRAND, HEARTBREAK, last
from tests.support.terminal_face import terminal_face

PEOPLE = 4_000
USER = "terminal:w1:ann"
RAISE_BOT = (sys.executable, "-m", "bot.cli.main")


def person(number: int) -> Person:
    return Person("web", "w1", f"u{number}")


async def sealed_for_everybody(folder: Path) -> dict[Person, bytes]:
    """A bot's folder with keys of PEOPLE, and a text sealed for each hundredth."""
    async with stores.in_sql(Settings(state=folder), ManualClock()) as kept:
        vault = kept.ledger._vault  # type: ignore[attr-defined]  # the one all its stores share
        everybody = [person(number) for number in range(PEOPLE)]
        texts = await asyncio.gather(*(vault.seal(each, b"words", "c") for each in everybody))
        return dict(zip(everybody[::100], texts[::100], strict=True))


async def open_with(settings: Settings, sealed: dict[Person, bytes]) -> set[bytes]:
    async with stores.in_sql(settings, ManualClock()) as kept:
        vault = kept.ledger._vault  # type: ignore[attr-defined]
        return {await vault.open(each, text, "c") for each, text in sealed.items()}


def wrapped(folder: Path) -> dict[str, int]:
    """How many keys are wrapped by which key of the deployment."""
    database = connect(f"sqlite:///{folder / 'raise.db'}", connections=1, survive_power_cut=True)
    counted = sa.select(person_keys.c.wrapped_by, sa.func.count()).group_by(person_keys.c.wrapped_by)
    with database.connect() as connection:
        found = {row[0]: row[1] for row in connection.execute(counted)}
    database.dispose()
    return found


def killed_while_rotating(folder: Path) -> None:
    """Start the command and kill it as soon as the first keys are wrapped anew."""
    with subprocess.Popen([*RAISE_BOT, "keys", "rotate", "--state", str(folder)], stdout=subprocess.PIPE) as process:
        while len(wrapped(folder)) == 1 and process.poll() is None:
            time.sleep(0.001)  # the process says nothing until it is done
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it was done before it could be killed"


def test_a_rotation_killed_half_way_loses_nothing_and_is_ended_by_the_next_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = asyncio.run(sealed_for_everybody(tmp_path))
    (before,) = (tmp_path / "key").read_text().split()
    killed_while_rotating(tmp_path)
    half = wrapped(tmp_path)
    assert len(half) == 2, "it was killed before or after its work, not in it"
    assert sum(half.values()) == PEOPLE
    new, old = (tmp_path / "key").read_text().split()
    assert old == before
    for alone in (new, old):  # either key by itself opens only half: nothing starts
        monkeypatch.setenv("RAISE_KEY", alone)
        assert main(["privacy", "show", "--user", "web:w1:u1", "--state", str(tmp_path)]) == 2
        assert main(["chat", "--json", "--state", str(tmp_path)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert all("were wrapped by the deployment key" in line for line in said.err.splitlines())
    monkeypatch.delenv("RAISE_KEY")
    assert asyncio.run(open_with(Settings(state=tmp_path), sealed)) == {b"words"}
    assert main(["keys", "rotate", "--state", str(tmp_path)]) == 0
    assert len(wrapped(tmp_path)) == 1
    assert (tmp_path / "key").read_text().split() == [new]
    assert asyncio.run(open_with(Settings(state=tmp_path), sealed)) == {b"words"}


def damage(folder: Path, table: str, column: str) -> None:
    """Change one byte in the middle of everything sealed in this column."""
    database = connect(f"sqlite:///{folder / 'raise.db'}", connections=1, survive_power_cut=True)
    with database.begin() as connection:
        rows = connection.exec_driver_sql(f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL").all()  # noqa: S608 - our own names
        assert rows, f"nothing is sealed in {table}.{column}"
        for rowid, content in rows:
            changed = bytearray(content)
            changed[len(changed) // 2] ^= 1
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (bytes(changed), rowid))  # noqa: S608
    database.dispose()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bot that Ann has talked with just now."""
    folder = tmp_path_factory.mktemp("template")
    line = json.dumps({"id": "e1", "user": "ann", "workspace": "w1", "text": f"I'm 34. {HEARTBREAK}"})
    command = [*RAISE_BOT, "chat", "--json", "--state", str(folder)]
    subprocess.run(command, input=line, text=True, capture_output=True, check=True)
    return folder


@pytest.fixture
def spoken(template: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(template, tmp_path / "state"))


async def test_with_a_damaged_key_of_a_person_a_crisis_is_answered_and_others_are_served(
    spoken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(spoken, "person_keys", "wrapped")
    events: list[str] = []
    async with terminal_face(settings=Settings(state=spoken), events=events) as face:
        with pytest.raises(StoreUnavailable, match="key of a person"):
            await face.say("ann", HEARTBREAK, event="x1")
        with pytest.raises(StoreUnavailable):
            await face.say("ann", CRISIS, event="x2")
        assert (await last(face, "ann"))["kind"] == "crisis"
        assert "unreadable" in events
        await face.say("ben", ERRAND, event="x3")
        assert (await last(face, "ben"))["kind"] == "answer"
    assert await asyncio.to_thread(main, ["privacy", "export", "--user", USER, "--state", str(spoken)]) == 2
    assert "was changed" in capsys.readouterr().err
    assert await asyncio.to_thread(main, ["keys", "rotate", "--state", str(spoken)]) == 2
    assert f"raise-bot privacy forget --user {USER}" in capsys.readouterr().err
    assert await asyncio.to_thread(main, ["privacy", "forget", "--user", USER, "--state", str(spoken), "--yes"]) == 0
    assert await asyncio.to_thread(main, ["keys", "rotate", "--state", str(spoken)]) == 0
    async with terminal_face(settings=Settings(state=spoken)) as face:
        await face.say("ann", HEARTBREAK, event="x4")
        assert (await last(face, "ann"))["kind"] == "question"


async def test_a_damaged_conversation_is_said_to_operators_in_one_line(
    spoken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(spoken, "states", "state")
    assert await asyncio.to_thread(main, ["privacy", "export", "--user", USER, "--state", str(spoken)]) == 2
    said = capsys.readouterr()
    assert (said.out, len(said.err.splitlines())) == ("", 1)
    assert "does not open with this person's key" in said.err


@pytest.mark.parametrize("content", ["", "short", base64.b64encode(b"x" * 31).decode(), "\n\n"])
def test_a_damaged_key_file_is_named_and_left_alone(
    spoken: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (spoken / "key").write_text(content)
    for command in (["privacy", "show", "--user", USER], ["keys", "rotate"]):
        assert main([*command, "--state", str(spoken)]) == 2
        said = capsys.readouterr()
        assert (said.out, len(said.err.splitlines())) == ("", 1)
        assert "key" in said.err
    assert (spoken / "key").read_text() == content, "a file that may still be mended was written over"
