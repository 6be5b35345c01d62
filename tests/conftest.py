"""Fixtures every test may ask for: real servers, started once for the whole run and only when asked for."""

from tests.support.databases import tables_of_postgres
from tests.support.servers import postgres_database, postgres_url, redis_url

__all__ = ["postgres_database", "postgres_url", "redis_url", "tables_of_postgres"]
