"""What ``raise-bot doctor`` looks at in a deployment: the key, the state folder, the processes, Redis, and who may
read figures."""

from __future__ import annotations

import asyncio
import ipaddress

from bot.assembly.beside import RELEASE, differences
from bot.assembly.findings import Finding
from bot.errors import PolicyError, StoreUnavailable
from bot.policy.folder import find_folder
from bot.policy.loader import load
from bot.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """Raises SettingsError for an address that is none."""
    processes = await asyncio.to_thread(_processes, settings)
    return [*_key(settings), *_folder(settings), *processes, *await _redis(settings), *_figures(settings)]


def _key(settings: Settings) -> list[Finding]:
    if not settings.database_url or settings.key:
        return []
    todo = "Set the same RAISE_KEY for every process; the file named key in a state folder is one process's own."
    return [Finding("key", "problem", "the database is shared, and RAISE_KEY is not set", todo)]


def _folder(settings: Settings) -> list[Finding]:
    if settings.state is None or not settings.state.is_dir():
        return []
    if settings.state.stat().st_mode & 0o077:
        todo = f"chmod 700 {settings.state}"
        return [Finding("state folder", "problem", "others on this machine may look into it", todo)]
    return [Finding("state folder", "ok", "for this user alone")]


def _processes(settings: Settings) -> list[Finding]:
    """Those alive on a shared database, and what differs from the release and policy this command has."""
    if not settings.database_url:
        return []
    from adapters.engine.lease import TERMS
    from adapters.engine.replicas import alive

    try:
        living = alive(settings.database_url, TERMS.lasts)
        different = differences(living, RELEASE, load(find_folder(settings.policies)).id)
    except (StoreUnavailable, PolicyError):
        return []  # said already, of the stores or of the policy
    if different:
        return [Finding("processes", "problem", each) for each in different]
    return [Finding("processes", "ok", f"{len(living)} alive, all with this release and policy")]


async def _redis(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        if not settings.database_url:
            return []
        todo = "Set RAISE_REDIS_URL before a second process is started on this database."
        return [Finding("Redis", "unknown", "not set: what people told is known to one process only", todo)]
    from adapters.stores.redis import RedisProfiles

    redis = RedisProfiles(settings.redis_url)
    try:
        kept = await redis.kept_on_disk()
    except StoreUnavailable as problem:
        return [Finding("Redis", "problem", str(problem))]
    finally:
        await redis.close()
    if kept is None:
        todo = 'See to it that it has save "" and appendonly no: what people told must be forgotten.'
        return [Finding("Redis", "unknown", "answers, and does not tell whether it writes to a disk", todo)]
    if kept:
        return [Finding("Redis", "problem", "answers, and writes what people told to a disk", f"Switch off: {kept}.")]
    return [Finding("Redis", "ok", "answers, and keeps everything in memory")]


def _figures(settings: Settings) -> list[Finding]:
    if settings.metrics != "all" or _loopback(settings.host):
        return [Finding("figures", "ok", f"/metrics: {settings.metrics}")]
    todo = f"Let no more than /slack through to port {settings.http_port} from outside."
    return [Finding("figures", "unknown", f"/metrics is open to whoever reaches {settings.host}", todo)]


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
