"""Profiles in Redis, for deployments of many processes. One round trip to read, one to write.

A person is a hash with a field per record, whose value is its expiry and then the packed (and sealed) record. The hash
expires with its last record even if nobody sweeps; a sorted set knows whose record expires first, for the purge. Redis
must not persist: profiles have to be forgotten.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Awaitable
from typing import Final, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError

from adapters.stores.packing import pack, unpack
from bot.clock import Seconds
from bot.errors import SettingsError, StoreUnavailable
from bot.identity import Person
from bot.profile.changes import age_order
from bot.profile.record import Record
from bot.profile.store import Changes
from bot.profile.vault import Vault

T = TypeVar("T")
PATIENCE: Final[Seconds] = 0.5
"""How long Redis may take for anything: a turn goes on without a profile rather than wait."""
CONNECTIONS: Final = 32
RECORDS_PER_PERSON: Final = 1_000
_DUE: Final = "raise:profiles:due"

# Shared by both scripts: the end of a change, given what the hash holds now.
_SETTLE: Final = """
local function expiry(value) return tonumber(string.match(value, '^[^ ]+')) end
local function settle(key, due, now)
  local first, last = nil, nil
  for _, value in ipairs(redis.call('HVALS', key)) do
    local at = expiry(value)
    if first == nil or at < first then first = at end
    if last == nil or at > last then last = at end
  end
  if first == nil then
    redis.call('ZREM', due, key)
  else
    redis.call('ZADD', due, string.format('%.17g', first), key)
    redis.call('PEXPIRE', key, math.max(1, math.ceil((last - now) * 1000)))
  end
end
"""

# KEYS: hash, due. ARGV: now, bound, number of attributes to remove, those, then field and value of each record to put.
_WRITE: Final = (
    _SETTLE
    + """
local key, due, now, bound, removed = KEYS[1], KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for i = 4, 3 + ARGV[3] do removed[ARGV[i]] = true end
local kept = redis.call('HGETALL', key)
for i = 1, #kept, 2 do
  if removed[string.match(kept[i], '^(.*):')] or expiry(kept[i + 1]) <= now then redis.call('HDEL', key, kept[i]) end
end
for i = 4 + ARGV[3], #ARGV, 2 do
  redis.call('HSET', key, ARGV[i], ARGV[i + 1])
  if expiry(ARGV[i + 1]) <= now then redis.call('HDEL', key, ARGV[i]) end
end
local over = redis.call('HLEN', key) - bound
if over > 0 then
  local all, order = redis.call('HGETALL', key), {}
  for i = 1, #all, 2 do order[#order + 1] = {expiry(all[i + 1]), all[i]} end
  table.sort(order, function(a, b) return a[1] < b[1] end)
  for i = 1, over do redis.call('HDEL', key, order[i][2]) end
end
settle(key, due, now)
"""
)

# KEYS: due. ARGV: now, limit. The hashes are named by the set, which ties this to one Redis, not a cluster.
_PURGE: Final = (
    _SETTLE
    + """
local due, now, limit, freed = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), 0
for _, key in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', ARGV[1], 'LIMIT', 0, limit)) do
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    if freed < limit and expiry(all[i + 1]) <= now then freed = freed + redis.call('HDEL', key, all[i]) end
  end
  settle(key, due, now)
end
return freed
"""
)


class RedisProfiles:
    """ProfileStore in Redis. With a vault the values are sealed with the person's own key."""

    def __init__(self, url: str, vault: Vault | None = None, *, records_per_person: int = RECORDS_PER_PERSON) -> None:
        self._redis = client(url)
        self._vault = vault
        self._bound = records_per_person
        self._write = self._redis.register_script(_WRITE)
        self._purge = self._redis.register_script(_PURGE)

    async def read(self, person: Person, now: Seconds) -> tuple[Record, ...]:
        records: list[Record] = []
        for value in await self._reached(self._redis.hvals(_key(person))):
            assert isinstance(value, bytes)  # noqa: S101 - the client is not told to decode
            expires_at, _, packed = value.partition(b" ")
            if float(expires_at) > now:
                records += unpack(person, await self._opened(person, packed))
        return tuple(sorted(records, key=age_order))

    async def write(self, person: Person, changes: Changes, now: Seconds) -> None:
        if not changes:
            return
        arguments: list[str | bytes | int] = [repr(now), self._bound, len(changes.remove), *changes.remove]
        for record in changes.put:
            packed = await self._sealed(person, pack(person, [record]))
            arguments += [_field(record), f"{record.expires_at!r} ".encode() + packed]
        await self._reached(self._write(keys=[_key(person), _DUE], args=arguments))

    async def erase(self, person: Person) -> int:
        async with self._redis.pipeline(transaction=True) as together:
            together.hlen(_key(person))
            together.delete(_key(person))
            together.zrem(_DUE, _key(person))
            count, *_ = await self._reached(together.execute())
        return int(count)

    async def purge(self, now: Seconds, limit: int) -> int:
        return int(await self._reached(self._purge(keys=[_DUE], args=[repr(now), limit])))

    async def reached(self) -> None:
        """Raises StoreUnavailable where Redis cannot be used as the URL says."""
        await self._reached(self._redis.exists(_DUE))

    async def kept_on_disk(self) -> str | None:
        """What makes this Redis write to a disk, empty for nothing; None where it does not tell (managed ones). Raises
        StoreUnavailable."""
        await self.reached()
        try:
            settings = await self._redis.config_get("save", "appendonly")
        except ResponseError:
            return None
        named = {_words(name): _words(value) for name, value in settings.items()}
        return ", ".join(name for name in ("save", "appendonly") if named.get(name, "") not in ("", "no"))

    async def close(self) -> None:
        await self._redis.aclose()

    async def _sealed(self, person: Person, packed: bytes) -> bytes:
        return packed if self._vault is None else await self._vault.seal(person, packed, "profile.record")

    async def _opened(self, person: Person, stored: bytes) -> bytes:
        return stored if self._vault is None else await self._vault.open(person, stored, "profile.record")

    async def _reached(self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"profiles are unavailable: {reason(error)}") from None


def client(url: str) -> Redis:
    """A connection pool to Redis; nothing is opened yet. Raises SettingsError for what is no URL of Redis."""
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1),  # one more try, for a connection that went stale in the pool
        )
    except (ValueError, TypeError):
        expected = "expected redis://HOST:PORT/0, or rediss:// with TLS"
        raise SettingsError((f"RAISE_REDIS_URL: {expected}, and this cannot be read as one",)) from None
    return Redis.from_pool(pool)


def reason(error: Exception) -> str:
    """What Redis did not do, in plain words, with what to do. Nothing of the URL, which holds a password."""
    if isinstance(error, AuthenticationError | AuthorizationError):
        return "Redis does not accept user or password: correct them in RAISE_REDIS_URL"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"the certificate of Redis is not accepted ({cause.verify_message}): renew it, or give its issuer as "
                "?ssl_ca_certs=FILE in RAISE_REDIS_URL"
            )
        cause = cause.__cause__ or cause.__context__
    return f"Redis did not do as asked ({type(error).__name__}); check that it runs and that RAISE_REDIS_URL is right"


def _words(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _key(person: Person) -> str:
    return f"raise:profile:{person}"


def _field(record: Record) -> str:
    """One field per attribute, space and conversation; the attribute first, so that it can be removed everywhere."""
    where = f"{record.space.place}\x00{record.space.id}\x00{record.conversation}"
    return f"{record.attribute}:{hashlib.blake2b(where.encode(), digest_size=12).hexdigest()}"
