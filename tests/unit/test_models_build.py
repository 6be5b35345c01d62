"""From the words of the settings to a provider."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.models.build import Choices, build
from adapters.models.offline import Offline
from adapters.models.resilience import Patience, Trouble
from adapters.models.scripted import Scripted
from bot.clock import ManualClock
from bot.errors import SettingsError
from bot.llm.provider import Message, Prompt, Provider, Purpose, Role
from bot.private import Private
from tests.support.models.faults import DOWN
from tests.support.models.server import ModelServer

Open = Callable[[str], Provider]


def prompt(purpose: Purpose = Purpose.ANSWER) -> Prompt:
    said = (Message(Role.USER, Private("Hello.")),)
    return Prompt(purpose, "Be kind.", said, fallback=Private("No model is there."))


@asynccontextmanager
async def built(spec: str, choices: Choices | None = None) -> AsyncIterator[Provider]:
    provider = build(spec, ManualClock(), choices or Choices())
    try:
        yield provider
    finally:
        await provider.close()


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        for variable, value in server.environment.items():
            monkeypatch.setenv(variable, value)
        yield server


@pytest.fixture
def keyless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_CONFIG_DIR"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))


@pytest.mark.parametrize(
    ("spec", "wire", "answering", "extracting"),
    [
        ("anthropic", "anthropic", "claude-sonnet-5-5", "claude-haiku-5-5"),
        ("anthropic:claude-opus-5-5", "anthropic", "claude-opus-5-5", "claude-opus-5-5"),
        ("openai", "openai", "gpt-6.1-sol", "gpt-6-luna"),
        ("openai:llama3.1:8b", "openai", "llama3.1:8b", "llama3.1:8b"),
    ],
)
async def test_names_a_provider_and_its_models(
    server: ModelServer, spec: str, wire: str, answering: str, extracting: str
) -> None:
    async with built(spec) as provider:
        assert (await provider.complete(prompt())).model == answering
        assert (await provider.complete(prompt(Purpose.EXTRACT))).model == extracting
    assert server.served == {wire: 2}


async def test_settings_choose_a_model_per_purpose(server: ModelServer) -> None:
    choices = Choices(models={"openai": {Purpose.JUDGE: "judge-1"}})
    async with built("openai:small-1", choices) as provider:
        assert (await provider.complete(prompt(Purpose.JUDGE))).model == "judge-1"
        assert (await provider.complete(prompt())).model == "small-1"


async def test_falls_back_in_order_and_offline_at_last(server: ModelServer) -> None:
    troubles: list[Trouble] = []
    async with built("anthropic,openai", Choices(patience=Patience(attempts=1), observe=troubles.append)) as provider:
        server.faults.append(DOWN)
        assert (await provider.complete(prompt())).model == "gpt-6.1-sol"
        server.always = DOWN
        assert (await provider.complete(prompt())).model == "offline"
    assert [trouble.provider for trouble in troubles] == ["claude-sonnet-5-5", "claude-sonnet-5-5", "gpt-6.1-sol"]


def test_offline_and_scripts_stand_alone(tmp_path: Path) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text('{"text": "Yes."}\n', encoding="utf-8")
    assert isinstance(build("offline", ManualClock()), Offline)
    assert isinstance(build(f"scripted:{path}", ManualClock()), Scripted)


@pytest.mark.parametrize("spec", ["", "claude", "offline:model", "scripted", "openai,", "offline,offline"])
def test_refuses_what_it_does_not_know(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "local-key")
    with pytest.raises(SettingsError, match=r"expected one of offline|must be the last"):
        build(spec, ManualClock())


@pytest.mark.usefixtures("keyless")
def test_lists_every_problem_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        build(f"anthropic,openai,scripted:{tmp_path / 'none.jsonl'},gpt", ManualClock())
    problems = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    for expected in ("ANTHROPIC_API_KEY is not set", "OPENAI_API_KEY is not set", "none.jsonl", "'gpt' is not known"):
        assert expected in problems


def test_importing_the_room_imports_no_sdk() -> None:
    code = (
        "import sys, adapters.models.build as build; from bot.clock import SystemClock; "
        "build.build('offline', SystemClock()); "
        "print([name for name in ('anthropic', 'openai', 'aiohttp', 'httpx2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
