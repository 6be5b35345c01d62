"""A connection that PostgreSQL cut off: one that lay idle is replaced before it is used, one in use fails once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from adapters.database import IDLE, connect
from tests.support.databases import OnPostgres


def asked(connection: sa.Connection) -> int:
    return int(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())


def cut_off(url: str, process: int) -> None:
    other = connect(url, connections=1, survive_power_cut=True)
    with other.connect() as connection:
        assert connection.execute(sa.select(sa.func.pg_terminate_backend(process, 5_000))).scalar_one()
    other.dispose()


class TestIdle(OnPostgres):
    @pytest.fixture
    def engine(self, url: str) -> Iterator[sa.Engine]:
        engine = connect(url, connections=2, survive_power_cut=True)
        yield engine
        engine.dispose()

    def test_one_that_lay_idle_is_replaced_unnoticed(self, engine: sa.Engine, url: str) -> None:
        with engine.connect() as connection:
            first = asked(connection)
        cut_off(url, first)
        time.sleep(IDLE + 0.1)
        with engine.connect() as connection:
            assert asked(connection) != first

    def test_one_in_use_fails_once(self, engine: sa.Engine, url: str) -> None:
        with engine.connect() as connection:
            first = asked(connection)
            cut_off(url, first)
            with pytest.raises(sa.exc.OperationalError):
                asked(connection)
        with engine.connect() as connection:
            assert asked(connection) != first

    def test_one_used_a_moment_ago_is_used_again(self, engine: sa.Engine) -> None:
        with engine.connect() as connection:
            first = asked(connection)
        with engine.connect() as connection:
            assert asked(connection) == first
