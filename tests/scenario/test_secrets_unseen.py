"""No secret of the settings is ever shown: not in a repr, not by a command, not in an error."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import pytest

from bot.assembly import stores
from bot.assembly.examining import examine
from bot.cli.main import main
from bot.clock import ManualClock
from bot.errors import RaiseBotError
from bot.identity import Person
from bot.settings import Settings, load

CANARY = "kanarienvogel"
SECRETS = {each.name: str(each.metadata["env"]) for each in fields(Settings) if each.metadata.get("secret")}
NOT_SECRET = ("slack_client_id", "oidc_client_id", "slack_api_url", "public_url")
WRONG = {
    "database_url": f"postgresql+psycopg://raise:{CANARY}@127.0.0.1:1/raise",
    "redis_url": f"redis://:{CANARY}@127.0.0.1:1/0",
    "key": CANARY,
    "discord_proxy": f"http://raise:{CANARY}@127.0.0.1:1",
}
"""What stands there when everything is wrong; elsewhere the canary itself."""


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("RAISE_", "SLACK_", "DISCORD_"))]:
        monkeypatch.delenv(name)


def test_whatever_is_called_a_secret_a_token_or_a_key_counts_as_one() -> None:
    telling = ("secret", "token", "key", "password", "proxy", "database", "redis")
    named = {each.name for each in fields(Settings) if any(word in each.name for word in telling)}
    assert named <= set(SECRETS)
    assert not set(NOT_SECRET) & set(SECRETS)


def test_the_settings_show_that_a_secret_is_set_and_not_which() -> None:
    settings = Settings(state=Path("state"), **dict.fromkeys(SECRETS, CANARY))  # type: ignore[arg-type]  # all are text
    for shown in (repr(settings), str(settings), f"{settings}", repr([settings])):
        assert CANARY not in shown
        assert "slack_bot_token=***" in shown
        assert "state=" in shown
    assert "***" not in repr(Settings())


PLATFORMS = tuple(name for name in SECRETS if name not in ("database_url", "redis_url", "key"))


@pytest.mark.parametrize("names", [("database_url",), ("redis_url",), ("key",), PLATFORMS], ids=lambda names: names[0])
@pytest.mark.usefixtures("wrong")
async def test_the_doctor_shows_none(names: tuple[str, ...], tmp_path: Path) -> None:
    nowhere = {"RAISE_SLACK_API_URL": "http://127.0.0.1:1/", "RAISE_DISCORD_PROXY": WRONG["discord_proxy"]}
    set_to = {SECRETS[name]: WRONG.get(name, CANARY) for name in names}
    findings = await examine(load({**nowhere, **set_to}, state=tmp_path))
    assert any(finding.state == "problem" for finding in findings)
    for finding in findings:
        assert CANARY not in repr(finding)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("command", [["run"], ["desk"], ["privacy", "inventory"], ["keys", "--help"]])
@pytest.mark.usefixtures("wrong")
def test_a_command_that_cannot_start_shows_none(
    name: str,
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(SECRETS[name], WRONG.get(name, CANARY))
    # Nothing to connect to, and a port that is none, so that every command ends at once and says why.
    monkeypatch.setenv("RAISE_DESK_PORT", "none")
    monkeypatch.setenv("RAISE_STATE", str(tmp_path))
    with suppress(SystemExit):  # the help ends so
        main(command)
    shown = capfd.readouterr()
    assert CANARY not in shown.out + shown.err


@pytest.mark.usefixtures("wrong")
async def test_errors_of_stores_and_keys_quote_none(tmp_path: Path) -> None:
    for name in ("database_url", "redis_url", "key"):
        settings = load({SECRETS[name]: WRONG[name]}, state=tmp_path)
        with pytest.raises(RaiseBotError) as caught:
            async with stores.opened(settings, ManualClock()) as opened:
                await opened.profiles.read(Person("p", "w", "u"), 0.0)
        assert CANARY not in "".join(traceback.format_exception(caught.value))
