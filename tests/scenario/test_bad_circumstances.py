"""What goes wrong around a conversation: each gives a clear line to the right person, and the next message works."""

from __future__ import annotations

import io
import json
import resource
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.models.scripted import Scripted
from bot.assembly.rulebook import Rulebook
from bot.cli.main import main
from tests.scenario.conversations import ERRAND, HEARTBREAK, last
from tests.support.policies import rulebook, varied
from tests.support.terminal_face import terminal_face

RAISE_BOT = (sys.executable, "-m", "bot.cli.main")
POLICIES = Path(__file__).resolve().parents[2] / "policies"


@dataclass(frozen=True, slots=True)
class Done:
    returncode: int
    stderr: str


class Command:
    """``raise-bot`` in this process, ``environment`` added to ours: to be refused before it serves anybody."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words: str, **environment: str) -> Done:
        with self._monkeypatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            code = main(words)
        return Done(code, self._capsys.readouterr().err)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def test_a_broken_policy_is_named_with_its_line(command: Command, tmp_path: Path) -> None:
    shutil.copytree(POLICIES, tmp_path / "policies")
    broken = tmp_path / "policies" / "defaults.yaml"
    broken.write_text(broken.read_text().replace("budget:", "bugdet:", 1))
    done = command("chat", "--json", "--policies", str(tmp_path / "policies"))
    assert done.returncode == 2
    assert "defaults.yaml:" in done.stderr
    assert "did you mean 'budget'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_policy_folder_is_named(command: Command, tmp_path: Path) -> None:
    done = command("chat", "--json", "--policies", str(tmp_path / "nowhere"))
    assert (done.returncode, "nowhere" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_a_busy_port_is_named(command: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command("playground", "--port", port)
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in done.stderr


def test_a_provider_without_its_key_is_named(command: Command) -> None:
    done = command("chat", "--json", "--provider", "anthropic", ANTHROPIC_API_KEY="")
    assert done.returncode == 2
    assert "ANTHROPIC_API_KEY" in done.stderr


def test_an_unknown_provider_is_named_with_the_known_ones(command: Command) -> None:
    done = command("chat", "--json", "--provider", "gpt")
    assert done.returncode == 2
    assert "offline" in done.stderr


@pytest.mark.parametrize("key", ["c2hvcnQ=", "not base64!"])
def test_a_deployment_key_of_the_wrong_form_is_refused_without_showing_it(
    command: Command, tmp_path: Path, key: str
) -> None:
    done = command("chat", "--json", "--state", str(tmp_path), RAISE_KEY=key)
    assert done.returncode == 2
    assert "expected 32 bytes in base64" in done.stderr
    assert key not in done.stderr


def test_a_state_folder_that_cannot_be_used_is_named(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = command("chat", "--json", "--state", str(tmp_path / "file"))
    assert (done.returncode, str(tmp_path / "file") in done.stderr) == (2, True)


def test_on_a_full_disk_people_get_a_line_and_a_crisis_is_still_answered(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full for this process: no file may grow any more once the tables are there."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert command("chat", "--json", "--state", str(tmp_path)).returncode == 0
    largest = max(file.stat().st_size for file in tmp_path.iterdir())
    lines = [
        {"user": "u1", "workspace": "w1", "id": "e1", "text": f"{HEARTBREAK} {'and on ' * 30_000}"},
        {"user": "u2", "workspace": "w1", "id": "e2", "text": f"I am going to kill myself tonight {'x ' * 300_000}"},
        {"user": "u3", "workspace": "w1", "id": "e3", "text": "/help"},
    ]
    done = subprocess.run(
        [*RAISE_BOT, "chat", "--json", "--state", str(tmp_path)],
        input="\n".join(json.dumps(line) for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)),
    )
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in printed if line["kind"] == "done"] == ["e1", "e2", "e3"]
    assert any(line["kind"] == "crisis" and line["to"] == "u2" for line in printed)
    assert "Traceback" not in done.stderr


async def test_a_model_that_hangs_is_given_up_at_the_deadline() -> None:
    policy = varied(budget={"deadline": "1s"})
    shared = rulebook(model_reads=True)
    book = Rulebook(lambda: policy, shared.embedder, shared.bounds, model_reads=True)
    provider = Scripted.of({"purpose": "answer", "hang": True}, {"purpose": "answer", "text": "Here I am again."})
    async with terminal_face(provider=provider, rules=book) as face:
        await face.say("ann", ERRAND)
        assert "No language model answers right now" in (await last(face, "ann", "answer"))["text"]
        await face.say("ann", ERRAND)
        assert (await last(face, "ann", "answer"))["text"] == "Here I am again."


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
async def test_an_empty_message_gets_a_kind_line(text: str) -> None:
    async with terminal_face() as face:
        await face.say("ann", text)
        assert "empty" in (await last(face, "ann", "notice"))["text"]


async def test_a_message_of_a_megabyte_is_screened_and_asked_to_be_shorter() -> None:
    async with terminal_face() as face:
        await face.say("ann", "all work and no play " * 50_000)
        assert "longer than I can read" in (await last(face, "ann", "notice"))["text"]
        await face.say("ann", f"{'x ' * 250_000} I am going to kill myself tonight")
        assert (await last(face, "ann"))["kind"] in ("crisis", "notice")
        assert any(each["kind"] == "crisis" for each in await face.seen("ann"))
        await face.say("bob", ERRAND)
        assert (await last(face, "bob"))["kind"] == "answer"


def test_lines_that_are_not_json_or_not_text_are_answered_and_the_next_is_served() -> None:
    raw = (
        b'\xff\xfe\x00garbage\n[1]\n{"user":1}\n{"user":"u1"}\n\n'
        + json.dumps({"user": "u1", "workspace": "w1", "id": "ok", "text": ERRAND}).encode()
    )
    done = subprocess.run([*RAISE_BOT, "chat", "--json"], input=raw, capture_output=True, timeout=60, check=True)
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert len([line for line in printed if line["kind"] == "error"]) >= 4
    assert [line["kind"] for line in printed[-2:]] == ["answer", "done"]


def test_settings_are_reported_together(command: Command) -> None:
    done = command("chat", "--json", RAISE_LOG_LEVEL="loud", RAISE_HTTP_PORT="x")
    assert done.returncode == 2
    assert "RAISE_LOG_LEVEL" in done.stderr
    assert "RAISE_HTTP_PORT" in done.stderr
