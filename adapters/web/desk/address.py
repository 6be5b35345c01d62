"""Where the desk listens, and under which conditions others than this machine may reach it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from adapters.web.guard import LOOPBACK, is_loopback
from bot.errors import SettingsError

PROXY_HEADER: Final = "X-Raise-Proxy"
SHORTEST_SECRET: Final = 16


@dataclass(frozen=True, slots=True)
class DeskAddress:
    """``hosts``: names under which a proxy with TLS serves the desk; where there are any, cookies are for TLS only.
    ``secret``: what that proxy puts into the header X-Raise-Proxy of every request, so that nobody comes past it and
    its X-Forwarded-For can be believed. Both are needed to listen on anything but loopback. Port 0 picks a free one.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    hosts: tuple[str, ...] = ()
    secret: str = ""

    def __post_init__(self) -> None:
        problems = []
        if not is_loopback(self.host) and not (self.hosts and self.secret):
            problems.append(
                f"desk: listening on {self.host} would show people's conversations over an open connection: listen on "
                "127.0.0.1, or put a proxy with TLS in front and set RAISE_DESK_HOSTS and RAISE_DESK_SECRET"
            )
        if self.secret and len(self.secret) < SHORTEST_SECRET:
            problems.append(f"RAISE_DESK_SECRET: expected at least {SHORTEST_SECRET} characters")
        if problems:
            raise SettingsError(tuple(problems))

    @property
    def names(self) -> frozenset[str]:
        """Every name a request may be addressed to."""
        return LOOPBACK.union(self.hosts, (self.host,) if is_loopback(self.host) else ())

    @property
    def behind_tls(self) -> bool:
        return bool(self.hosts)
