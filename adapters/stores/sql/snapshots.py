"""Policies that served, in SQL; the files of each once, compressed."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Mapping

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, add
from adapters.stores.sql.policy_tables import policies_served, policy_files
from bot.policy.snapshots import Served


class SqlSnapshots:
    """Implements :class:`~bot.policy.snapshots.Snapshots`. ``database`` is open."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def note(self, served: Served, files: Mapping[str, str]) -> None:
        packed = await asyncio.to_thread(_packed, files)  # neither the loop nor the writes of turns wait for it
        row = {"policy_id": served.policy_id, "at": served.at, "by": served.by}

        def write(connection: sa.Connection) -> None:
            add(connection, policy_files, {"policy_id": served.policy_id, "files": packed}, ("policy_id",))
            connection.execute(sa.insert(policies_served).values(row))

        await self._database.write(write)

    async def history(self, limit: int) -> tuple[Served, ...]:
        latest = sa.select(policies_served).order_by(policies_served.c.number.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(latest).all())
        return tuple(Served(row.policy_id, row.at, row.by) for row in rows)

    async def files(self, policy_id: str) -> Mapping[str, str] | None:
        chosen = sa.select(policy_files.c.files).where(policy_files.c.policy_id == policy_id)
        packed = await self._database.read(lambda connection: connection.execute(chosen).scalar())
        return None if packed is None else {str(k): str(v) for k, v in json.loads(zlib.decompress(packed)).items()}


def _packed(files: Mapping[str, str]) -> bytes:
    return zlib.compress(json.dumps(dict(files), ensure_ascii=False).encode())
