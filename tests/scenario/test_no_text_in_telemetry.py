"""Canary text through every path at debug level: in no log line, event, exception text or output of a library."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, put
from adapters.stores.sql.tables import standings
from bot.conversation.codec import decode
from bot.conversation.states import State
from bot.errors import ProviderUnavailable, RaiseBotError, StoreUnavailable
from bot.llm import Chunk, Prompt, Reply
from bot.private import Private
from bot.settings import Settings
from bot.telemetry.events import Event, Telemetry
from bot.telemetry.logs import QUIET, telemetry
from tests.scenario.conversations import CRISIS, HEARTBREAK, until_answered
from tests.support.terminal_face import TerminalFace, terminal_face

CANARY = "kanarienvogel"


class _Broken:
    """A provider that fails, quoting the prompt in what it raises, as careless servers do."""

    name = "broken"

    def __init__(self, error: type[Exception]) -> None:
        self._error = error

    async def complete(self, prompt: Prompt) -> Reply:
        self._fail(prompt)

    async def structured(self, prompt: Prompt, schema: object) -> NoReturn:
        self._fail(prompt)

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Reply]:
        yield Chunk(Private("half an "))
        self._fail(prompt)

    async def close(self) -> None:
        """Nothing is open."""

    def _fail(self, prompt: Prompt) -> NoReturn:
        quoted = " ".join(message.text.reveal() for message in prompt.messages)
        logging.getLogger("somebody.elses.library").error("request failed: %s", quoted)
        if self._error is ProviderUnavailable:
            raise ProviderUnavailable("the server is down: try again later")
        raise self._error(quoted)


@pytest.fixture
def listening(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Everything every logger of ours says at debug level, formatted with its traceback."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(logging.Formatter().format(record))

    ear = Ear(level=0)
    ours = [logging.getLogger(name) for name in ("raise_bot", "raise_bot.engine", *QUIET)]
    for each in ours:
        each.setLevel(logging.DEBUG)
        each.addHandler(ear)
    yield said
    for each in ours:
        each.removeHandler(ear)
        each.setLevel(logging.NOTSET)


@asynccontextmanager
async def face_with(
    error: type[Exception] | None, folder: Path | None
) -> AsyncIterator[tuple[TerminalFace, list[str]]]:
    events: list[str] = []
    provider = None if error is None else _Broken(error)
    settings = None if folder is None else Settings(state=folder)
    async with terminal_face(provider=provider, settings=settings, events=events) as face:  # type: ignore[arg-type]
        yield face, events


async def everything(face: TerminalFace) -> None:
    await face.say("ann", f"{CANARY}, I'm 34. {HEARTBREAK}")
    await face.say("ann", f"{CANARY} {CRISIS}")
    await face.say("ann", f"{CANARY}. {HEARTBREAK}", "channel")
    for words in (
        "/privacy",
        "/export",
        f"/correct profession {CANARY}",
        f"/forget {CANARY}",
        "/why",
        "/human",
        "/help",
    ):
        await face.command("ann", words)
    await face.say("ann", f"{CANARY} " * 3_000)
    await face.say("ann", f"{CANARY}\x00\ud800 {HEARTBREAK}")
    await face.command("ann", "/forget me")
    await face.choose("ann", "do:forget_me_yes")


@pytest.mark.parametrize("error", [None, ProviderUnavailable, ValueError])
async def test_no_path_of_a_conversation_tells_what_was_said(
    error: type[Exception] | None, tmp_path: Path, listening: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    async with face_with(error, tmp_path if error is None else None) as (face, events):
        await everything(face)
    output = capfd.readouterr()
    assert CANARY not in "\n".join(listening)
    assert CANARY not in "\n".join(events)
    assert CANARY not in output.err


def test_a_crash_report_and_the_debug_mode_of_python_tell_nothing(tmp_path: Path) -> None:
    """The real process with everything switched on that could speak, aborted while a message is being worked on."""
    command = [sys.executable, "-X", "dev", "-X", "faulthandler", "-m", "bot.cli.main", "chat", "--json"]
    environment = {**os.environ, "RAISE_LOG_LEVEL": "debug", "PYTHONASYNCIODEBUG": "1"}
    folder = ["--state", str(tmp_path)]
    with subprocess.Popen(
        [*command, *folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for number in range(20):
            line = {"id": f"e{number}", "user": "ann", "workspace": "w1", "text": f"{CANARY}, I'm 34. {HEARTBREAK}"}
            process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()
        while '"done"' not in process.stdout.readline():
            pass  # the first is done, the others are on their way
        process.send_signal(signal.SIGABRT)
        report = process.stderr.read()
        # Python's fault handler reads the stacks of running threads and may itself fall while it does.
        assert process.wait() in {-signal.SIGABRT, -signal.SIGSEGV}
    assert "Fatal Python error" in report, "there was no crash report, so nothing is tried"
    assert CANARY not in report


def test_what_other_libraries_log_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    told = telemetry("debug", stream)
    for name in (*QUIET, "some.other.library"):
        for level in (logging.DEBUG, logging.INFO):
            logging.getLogger(name).log(level, "payload: %s", CANARY)
    told.emit(Event.STARTED, policy="p")
    assert CANARY not in stream.getvalue()
    assert '"event": "started"' in stream.getvalue()
    assert CANARY not in capfd.readouterr().err


def test_an_event_carries_only_fields_of_the_list() -> None:
    silent = Telemetry(lambda event, fields: None)
    with pytest.raises(ValueError, match="may not carry") as caught:
        silent.emit(Event.STARTED, text=CANARY)
    assert CANARY not in str(caught.value)


async def test_errors_of_stores_quote_nobody(tmp_path: Path) -> None:
    database = SqlDatabase(f"sqlite:///{tmp_path / 'raise.db'}")
    await database.open()
    values: dict[str, object] = {"person": CANARY, "consents": {CANARY: 1}, "informed": None, "paused": True}
    with pytest.raises(StoreUnavailable) as caught:
        await database.write(lambda connection: put(connection, standings, values, ("person",)))
    statement = sa.select(sa.literal(CANARY)).select_from(sa.table("nowhere"))
    with pytest.raises(StoreUnavailable) as wrong:
        await database.read(lambda connection: connection.execute(statement).all())
    await database.close()
    for error in (caught.value, wrong.value):
        assert CANARY not in "".join(traceback.format_exception(error))


def test_errors_of_forms_quote_nobody() -> None:
    for content in (b'{"version":1,"body":{"threads":"kanarienvogel"}}', b"kanarienvogel", b'{"version":"x"}'):
        with pytest.raises(RaiseBotError) as caught:
            decode(content, State)
        assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert CANARY not in repr((Private(CANARY), {"a": [Private(CANARY)]}))


async def test_an_answer_is_still_given_when_the_model_fails() -> None:
    async with face_with(ProviderUnavailable, None) as (face, events):
        await face.say("ann", HEARTBREAK)
        await until_answered(face, "ann")
        assert "model_failed" in events
