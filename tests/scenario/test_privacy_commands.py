"""``raise-bot privacy`` and ``raise-bot keys``: on a bot's folder, beside a running bot, on what cannot be served."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.stores.sql.database import SqlDatabase
from adapters.stores.sql.vault import SqlVault
from bot.assembly import stores
from bot.assembly.keys import deployment_keys
from bot.assembly.privacy_page import page
from bot.chat.installations import Installation
from bot.cli import keys as keys_command
from bot.cli.main import main
from bot.clock import ManualClock, SystemClock
from bot.errors import SettingsError, Unreadable
from bot.identity import Person
from bot.private import Private
from bot.settings import Settings
from tests.scenario.conversations import HEARTBREAK, last
from tests.support.terminal_face import terminal_face
from tests.support.traces import in_tables

USER = "terminal:w1:ann"
ANN = Person.parse(USER)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bot that Ann has talked with just now."""
    folder = tmp_path_factory.mktemp("state")
    texts = (f"I'm 34. {HEARTBREAK}", "just answer me", "/forget gender")
    lines = [
        json.dumps({"id": f"e{number}", "user": "ann", "workspace": "w1", "text": text})
        for number, text in enumerate(texts)
    ]
    command = [sys.executable, "-m", "bot.cli.main", "chat", "--json", "--state", str(folder)]
    subprocess.run(command, input="\n".join(lines), text=True, capture_output=True, check=True)
    return folder


@pytest.fixture
def told(template: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(template, tmp_path / "state"))


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main(["privacy", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_show_counts_and_export_quotes(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = asked(capsys, "show", "--user", USER, "--state", str(told))
    assert code == 0
    assert shown["kept"]["states"] == 1
    assert {"attribute": "gender", "agreement": "withdrawn"}.items() <= shown["consent"][-1].items()
    assert "age" in shown["used_in_answers"]
    assert HEARTBREAK not in json.dumps(shown)
    _, exported = asked(capsys, "export", "--user", USER, "--state", str(told))
    assert HEARTBREAK in json.dumps(exported["conversations"])


def test_forget_leaves_nothing_and_a_receipt(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, receipt = asked(capsys, "forget", "--user", USER, "--state", str(told), "--yes")
    assert code == 0
    assert receipt["total"] > 0
    assert receipt["removed"]["keys"] == 1
    assert in_tables(f"sqlite:///{told / 'raise.db'}", [USER]) == []
    assert in_tables(f"sqlite:///{told / 'turns.db'}", [USER]) == []
    _, found = asked(capsys, "receipt", "--user", USER, "--state", str(told))
    assert (found["pending"], len(found["receipts"])) == (False, 1)
    _, again = asked(capsys, "forget", "--user", USER, "--state", str(told), "--yes")
    assert again["total"] == 0


def test_nothing_about_somebody_unknown_is_an_answer_too(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("show", "export"):
        code, shown = asked(capsys, action, "--user", "web:w1:nobody", "--state", str(told))
        assert (code, shown["known"], shown["kept"], shown["consent"]) == (0, [], {}, [])
    assert asked(capsys, "receipt", "--user", "web:w1:nobody", "--state", str(told))[1]["receipts"] == []
    assert main(["privacy", "show", "--user", USER, "--state", str(told)]) == 0
    assert "paused: no" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "--user", "ann"], "platform:workspace:user"),
        (["show", "--user", "web::u1"], "1 to 200 characters"),
        (["forget", "--user", USER], "--yes"),
        (["show", "--user", USER, "--state", "/nonexistent/folder"], "the folder of a bot"),
        (["show", "--user", USER], "RAISE_STATE"),
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["privacy", *arguments]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]


async def test_a_running_bot_does_what_the_command_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with terminal_face(settings=Settings(state=tmp_path)) as face:
        await face.say("ann", f"I'm 34. {HEARTBREAK}")
        arguments = ["privacy", "forget", "--user", USER, "--state", str(tmp_path), "--yes", "--json"]
        assert await asyncio.to_thread(main, arguments) == 0
        receipt = json.loads(capsys.readouterr().out)
        assert receipt["removed"]["profile"] >= 1, "what is in the bot's memory was not forgotten"
        assert "entries about you were deleted" in (await last(face, "ann", "notice"))["text"]
        assert await asyncio.to_thread(main, ["keys", "rotate", "--state", str(tmp_path)]) == 2
        assert "another process" in capsys.readouterr().err


def test_the_page_in_the_repository_is_what_the_code_keeps() -> None:
    written = (ROOT / "deploy" / "privacy.md").read_text(encoding="utf-8")
    assert written == page(Settings()), "renew it: raise-bot privacy inventory --write"


class TestKeys:
    def test_a_key_file_is_rotated_and_goes_on_where_it_was_cut_off(
        self, told: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = (told / "key").read_text()
        keys_command._prepared(told / "key", Settings(state=told))  # cut off after the new key was made
        assert (told / "key").read_text().split()[1:] == before.split()
        assert main(["keys", "rotate", "--state", str(told), "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"rewrapped": 1, "retired": 1}
        (after,) = (told / "key").read_text().split()
        assert after != before.strip()
        _, exported = asked(capsys, "export", "--user", USER, "--state", str(told))
        assert HEARTBREAK in json.dumps(exported)

    async def test_tokens_are_sealed_anew_too(self, tmp_path: Path) -> None:
        old, new = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
        installation = Installation("T1", "", Private("xoxb-canary"), "U", "B", "A", (), 0.0)
        async with stores.in_sql(Settings(state=tmp_path, key=old), ManualClock()) as kept:
            assert kept.installations is not None
            await kept.installations.save(installation)
        async with stores.in_sql(Settings(state=tmp_path, key=f"{new},{old}"), ManualClock()) as kept:
            assert kept.rotate is not None
            assert [await kept.rotate(10), await kept.rotate(10)] == [1, 0]
        async with stores.in_sql(Settings(state=tmp_path, key=new), ManualClock()) as kept:
            assert kept.installations is not None
            assert await kept.installations.find("T1", "") == installation

    @pytest.mark.parametrize("command", [["privacy", "show", "--user", USER], ["chat", "--json"]])
    def test_a_wrong_key_is_named_and_nothing_starts(
        self, told: Path, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RAISE_KEY", base64.b64encode(b"x" * 32).decode())
        assert main([*command, "--state", str(told)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1
        assert "were wrapped by the deployment key" in said.err

    def test_a_lost_key_is_missed_and_not_made_anew(self, told: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (told / "key").unlink()
        assert main(["privacy", "show", "--user", USER, "--state", str(told)]) == 2
        assert "the deployment's key is missing" in capsys.readouterr().err
        assert not (told / "key").exists()

    def test_rotating_wants_something_to_rotate(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert main(["keys", "rotate", "--state", str(tmp_path)]) == 2
        assert "nothing to rotate" in capsys.readouterr().err
        monkeypatch.setenv("RAISE_KEY", base64.b64encode(b"x" * 32).decode())
        assert main(["keys", "rotate", "--state", str(tmp_path)]) == 2
        assert "separated by a comma" in capsys.readouterr().err

    async def test_verifying_names_what_is_missing(self, tmp_path: Path) -> None:
        database = SqlDatabase(f"sqlite:///{tmp_path / 'raise.db'}")
        await database.open()
        sealed = await SqlVault(database, [b"a" * 32], SystemClock()).seal(ANN, b"words", "c")
        other = SqlVault(database, [b"b" * 32], SystemClock())
        with pytest.raises(SettingsError, match="and this process has"):
            await other.verify()
        with pytest.raises(Unreadable):
            await other.open(ANN, sealed, "c")
        await SqlVault(database, [b"b" * 32, b"a" * 32], SystemClock()).verify()
        await database.close()

    def test_the_key_file_is_for_its_owner_only(self, told: Path) -> None:
        assert (told / "key").stat().st_mode & 0o077 == 0
        assert len(deployment_keys(Settings(state=told))) == 1
