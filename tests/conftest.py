"""Fixtures every test may ask for: real servers, started once for the whole run and only when asked for."""

from bot.assembly import rulebook
from tests.support.databases import tables_of_postgres
from tests.support.servers import postgres_database, postgres_url, redis_url

# Compiling rules takes 2.5 s: whatever starts in this process takes over what the start before it has in common.
rulebook.MADE = {}

__all__ = ["postgres_database", "postgres_url", "redis_url", "tables_of_postgres"]
