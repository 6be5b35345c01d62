"""Settings: the environment and, under it, one TOML file. All problems are reported at once.

Only the assembly and the command line see these; rooms receive values.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Final, TypeVar, get_type_hints

from bot.errors import PolicyError, SettingsError
from bot.policy.durations import seconds

T = TypeVar("T")
FILE_VARIABLE: Final = "RAISE_CONFIG"


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """One deployment. Each field says its environment variable; the TOML file uses the field's name."""

    policies: Path | None = field(default=None, metadata={"env": "RAISE_POLICIES"})
    state: Path | None = field(default=None, metadata={"env": "RAISE_STATE"})
    provider: str = field(default="offline", metadata={"env": "RAISE_PROVIDER"})
    database_url: str = field(default="", metadata={"env": "RAISE_DATABASE_URL", "secret": True})
    redis_url: str = field(default="", metadata={"env": "RAISE_REDIS_URL", "secret": True})
    key: str = field(default="", metadata={"env": "RAISE_KEY", "secret": True})
    host: str = field(default="127.0.0.1", metadata={"env": "RAISE_HOST"})
    http_port: int = field(default=8080, metadata={"env": "RAISE_HTTP_PORT"})
    public_url: str = field(default="", metadata={"env": "RAISE_PUBLIC_URL"})
    desk_port: int = field(default=8081, metadata={"env": "RAISE_DESK_PORT"})
    desk_hosts: str = field(default="", metadata={"env": "RAISE_DESK_HOSTS"})
    desk_secret: str = field(default="", metadata={"env": "RAISE_DESK_SECRET", "secret": True})
    oidc_issuer: str = field(default="", metadata={"env": "RAISE_OIDC_ISSUER"})
    oidc_client_id: str = field(default="", metadata={"env": "RAISE_OIDC_CLIENT_ID"})
    oidc_client_secret: str = field(default="", metadata={"env": "RAISE_OIDC_CLIENT_SECRET", "secret": True})
    oidc_roles: str = field(default="", metadata={"env": "RAISE_OIDC_ROLES"})
    oidc_claim: str = field(default="groups", metadata={"env": "RAISE_OIDC_CLAIM"})
    retention_floor: int = field(default=60, metadata={"env": "RAISE_RETENTION_FLOOR", "duration": True})
    retention_ceiling: int = field(default=90 * 86_400, metadata={"env": "RAISE_RETENTION_CEILING", "duration": True})
    person_per_minute: int = field(default=60, metadata={"env": "RAISE_PERSON_PER_MINUTE", "count": True})
    workspace_per_minute: int = field(default=0, metadata={"env": "RAISE_WORKSPACE_PER_MINUTE", "count": True})
    waiting: int = field(default=10_000, metadata={"env": "RAISE_WAITING", "count": True})
    workspace_usd_per_day: float = field(default=0.0, metadata={"env": "RAISE_WORKSPACE_USD_PER_DAY"})
    log_level: str = field(default="info", metadata={"env": "RAISE_LOG_LEVEL"})
    metrics: str = field(default="local", metadata={"env": "RAISE_METRICS"})
    traces_url: str = field(default="", metadata={"env": "RAISE_TRACES_URL"})
    redactor: str = field(default="patterns", metadata={"env": "RAISE_REDACTOR"})
    presidio_model: str = field(default="", metadata={"env": "RAISE_PRESIDIO_MODEL"})
    slack_bot_token: str = field(default="", metadata={"env": "SLACK_BOT_TOKEN", "secret": True})
    slack_app_token: str = field(default="", metadata={"env": "SLACK_APP_TOKEN", "secret": True})
    slack_signing_secret: str = field(default="", metadata={"env": "SLACK_SIGNING_SECRET", "secret": True})
    slack_client_id: str = field(default="", metadata={"env": "SLACK_CLIENT_ID"})
    slack_client_secret: str = field(default="", metadata={"env": "SLACK_CLIENT_SECRET", "secret": True})
    slack_config_token: str = field(default="", metadata={"env": "SLACK_CONFIG_TOKEN", "secret": True})
    slack_api_url: str = field(default="https://slack.com/api/", metadata={"env": "RAISE_SLACK_API_URL"})
    discord_token: str = field(default="", metadata={"env": "DISCORD_TOKEN", "secret": True})
    discord_proxy: str = field(default="", metadata={"env": "RAISE_DISCORD_PROXY", "secret": True})
    discord_shards: str = field(default="", metadata={"env": "RAISE_DISCORD_SHARDS"})

    def __repr__(self) -> str:
        """Without secrets: of those only whether they are set."""
        shown = (
            f"{each.name}={'***' if each.metadata.get('secret') and value else repr(value)}"
            for each in fields(self)
            if (value := getattr(self, each.name)) != each.default
        )
        return f"Settings({', '.join(shown)})"


REDACTORS: Final = ("patterns", "presidio")
METRICS: Final = ("local", "all", "off")
_LEVELS: Final = ("debug", "info", "warning", "error")


def load(environment: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Settings from the environment, the TOML file named by RAISE_CONFIG, and ``overrides`` (not None) of a command.

    Raises SettingsError with every problem."""
    problems: list[str] = []
    file = _file(environment, problems)
    values: dict[str, object] = {}
    known = {each.name: each for each in fields(Settings)}
    hints = _hints()
    problems.extend(
        f"{environment[FILE_VARIABLE]}: unknown setting {name!r}; known are {', '.join(sorted(known))}"
        for name in file.keys() - known.keys()
    )
    for name, each in known.items():
        variable = str(each.metadata["env"])
        raw = environment.get(variable) or file.get(name)
        if overrides.get(name) is not None:
            values[name] = overrides[name]
        elif raw not in (None, ""):
            read = next((own for kind, own in _KINDS.items() if each.metadata.get(kind)), _READERS[hints[name]])
            values[name] = _read(variable, str(raw), read, problems)
    _check(values, problems)
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**values)  # type: ignore[arg-type]  # each value was read by its field's type


@cache
def _hints() -> Mapping[str, object]:
    """The type of each setting: 4 ms to find out, and always the same."""
    return get_type_hints(Settings)


def _file(environment: Mapping[str, str], problems: list[str]) -> Mapping[str, object]:
    name = environment.get(FILE_VARIABLE)
    if not name:
        return {}
    try:
        return tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        problems.append(f"{FILE_VARIABLE}: expected a readable TOML file at {name}: {problem}")
        return {}


def _read(variable: str, raw: str, read: Callable[[str], T], problems: list[str]) -> T | None:
    try:
        return read(raw)
    except (ValueError, PolicyError) as problem:
        problems.append(f"{variable}: {problem}")
        return None


def _port(raw: str) -> int:
    if not raw.isdecimal() or not 0 <= int(raw) <= 65_535:
        raise ValueError(f"expected a port from 0 to 65535, got {raw[:20]!r}")
    return int(raw)


def _count(raw: str) -> int:
    if not raw.isdecimal():
        raise ValueError(f"expected a whole number, 0 for no limit, got {raw[:20]!r}")
    return int(raw)


def _amount(raw: str) -> float:
    if not raw.replace(".", "", 1).isdecimal():
        raise ValueError(f"expected an amount such as 2.50, 0 for no limit, got {raw[:20]!r}")
    return float(raw)


_KINDS: Final[Mapping[str, Callable[[str], object]]] = {"duration": seconds, "count": _count}
"""What is read in another way than its type says."""
_READERS: Final[Mapping[object, Callable[[str], object]]] = {
    str: str,
    int: _port,
    float: _amount,
    Path | None: Path,
}


def _check(values: Mapping[str, object], problems: list[str]) -> None:
    level = values.get("log_level", "info")
    if level not in _LEVELS:
        problems.append(f"RAISE_LOG_LEVEL: expected one of {', '.join(_LEVELS)}, got {level!r}")
    redactor = values.get("redactor", "patterns")
    if redactor not in REDACTORS:
        problems.append(f"RAISE_REDACTOR: expected one of {', '.join(REDACTORS)}, got {redactor!r}")
    metrics = values.get("metrics", "local")
    if metrics not in METRICS:
        problems.append(f"RAISE_METRICS: expected one of {', '.join(METRICS)}, got {metrics!r}")
    floor, ceiling = values.get("retention_floor"), values.get("retention_ceiling")
    if isinstance(floor, int) and isinstance(ceiling, int) and floor > ceiling:
        problems.append(f"RAISE_RETENTION_FLOOR: expected at most the ceiling ({ceiling} s), got {floor} s")
