"""Looks for words in everything a deployment has written: every table, every key of Redis, every byte of every file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa
from redis.asyncio import Redis

from adapters.database import connect


def in_files(folder: Path, words: Iterable[str]) -> list[str]:
    """Where the words are found, as ``word in file``."""
    found = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        found += [f"{word} in {file.name}" for word in words if word.encode() in content]
    return found


def in_tables(url: str, words: Iterable[str]) -> list[str]:
    """Where the words are found, as ``word in table.column``, over every table of every schema."""
    database = connect(url, connections=1, survive_power_cut=True)
    found = []
    with database.connect() as connection:
        for schema, table in tables(connection):
            for row in connection.execute(sa.select("*").select_from(sa.table(table, schema=schema))).mappings():
                for column, value in row.items():
                    text = value.decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
                    found += [f"{word} in {table}.{column}" for word in words if word in text]
    database.dispose()
    return found


async def in_redis(url: str, words: Iterable[str]) -> list[str]:
    """Where the words are found, as ``word in key``, over the name and everything kept under every key."""
    found = []
    async with Redis.from_url(url) as redis:
        async for key in redis.scan_iter():
            match (await redis.type(key)).decode():
                case "hash":
                    held = [part for pair in (await redis.hgetall(key)).items() for part in pair]
                case "zset":
                    held = await redis.zrange(key, 0, -1)
                case "string":
                    held = [await redis.get(key)]
                case kind:
                    raise AssertionError(f"nothing of ours is kept as a {kind}")
            content = b"\n".join((key, *held))
            found += [f"{word} in {key.decode()}" for word in words if word.encode() in content]
    return found


def tables(connection: sa.Connection) -> list[tuple[str | None, str]]:
    """Every table there is, with its schema (None for SQLite and for PostgreSQL's public one)."""
    inspector = sa.inspect(connection)
    schemas = [None, *(name for name in inspector.get_schema_names() if name in ("dbos",))]
    return [(schema, table) for schema in schemas for table in inspector.get_table_names(schema=schema)]
