"""Connections to the two databases there are: SQLite in a file, PostgreSQL by URL. For the SQL stores and the engine.

SQLite is set up so that a killed process loses nothing, erased text leaves no bytes, and a second process gets a clear
line instead of a broken queue.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.clock import Seconds
from bot.errors import SettingsError, StoreUnavailable

BUSY_MS: Final = 5_000
IDLE: Final[Seconds] = 0.5
"""A connection to PostgreSQL that was used within this time is taken to stand."""
_IDLE_SINCE: Final = "idle_since"
EXPECTED: Final = "expected a database URL such as sqlite:///state/raise.sqlite or postgresql://user@host/raise"
_REASONS: Final = {
    "full": "the disk is full: free some space",
    "readonly": "it may not be written to: check the owner and permissions of the file and its folder",
    "locked": "another process holds it: stop that one, or give this one a folder of its own (--state)",
    "unable to open": "it cannot be opened: check that the folder exists and may be written to",
    "not a database": "the file is not a SQLite database: move it away, or restore it from a backup",
    "malformed": "the file is damaged: restore it from a backup",
    "disk i/o": "the disk does not answer as it should: look at the system's log",
}
_ELSEWHERE: Final = {
    # The certificate first: where it is refused, libpq then tries without encryption and complains of that as well.
    "certificate": "its certificate is not accepted: it may have expired, be made for another name, or be issued by "
    "another than sslrootcert; renew it, or correct sslrootcert in the URL",
    "does not support ssl": "it does not speak TLS: switch TLS on there, or take sslmode out of the URL",
    "password": "it does not accept user and password: correct them in RAISE_DATABASE_URL",
    "no pg_hba.conf entry": "it does not let this user in from here: correct the URL, or allow it in pg_hba.conf",
    "role": "it does not know the user in RAISE_DATABASE_URL: correct it, or create the user",
    "permission denied": "the user in RAISE_DATABASE_URL may not do this there: grant it the database",
    "database": "there is no such database: create it, or correct the name in RAISE_DATABASE_URL",
    "resolve host": "nobody knows that host: correct RAISE_DATABASE_URL",
    "translate host": "nobody knows that host: correct RAISE_DATABASE_URL",
    "connection refused": "nothing answers there: start PostgreSQL, or correct host and port in RAISE_DATABASE_URL",
    "timeout": "nothing answers in time: check host, port and firewall",
    "too many clients": "it has no connection left: raise max_connections, or run fewer processes",
    "remaining connection": "it has no connection left: raise max_connections, or run fewer processes",
}


def connect(url: str, *, connections: int, survive_power_cut: bool) -> sa.Engine:
    """An engine for ``sqlite:///FILE`` or ``postgresql://USER@HOST/DATABASE``; nothing is opened yet.

    ``connections`` are for PostgreSQL. SQLite has one writer, so more than that, a reader and one for glances would
    only wait for each other.
    ``survive_power_cut`` waits for the disk at every commit. Without it SQLite still loses nothing when the process is
    killed, but a power cut may take the last commits.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise SettingsError((f"{EXPECTED}, and this is no URL at all",)) from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, survive_power_cut)
    if parsed.get_backend_name() == "postgresql":
        engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=BUSY_MS / 1000,
            connect_args={
                "connect_timeout": BUSY_MS // 1000,
                # A process that was paused, or cut off, in the middle of a transaction must not hold up the others.
                "options": f"-c idle_in_transaction_session_timeout={BUSY_MS}",
                "tcp_user_timeout": 2 * BUSY_MS,
            },
        )
        _asked_after_a_pause(engine)
        return engine
    raise SettingsError((f"{EXPECTED}, got one for {parsed.get_backend_name()!r}",))


def _asked_after_a_pause(engine: sa.Engine) -> None:
    """Before a connection is used that lay idle, ask whether it still stands, as ``pool_pre_ping`` does. That asks
    every time, which costs as much as many a statement: a turn takes some twenty connections."""

    @sa.event.listens_for(engine, "checkin")
    def put_back(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_IDLE_SINCE] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def taken(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        idle_since = record.info.get(_IDLE_SINCE)
        if idle_since is None or time.monotonic() - idle_since < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise sa.exc.InvalidatePoolError from gone  # all that were opened before, and this is tried with a new one


def _sqlite(url: sa.URL, survive_power_cut: bool) -> sa.Engine:
    engine = sa.create_engine(
        url, poolclass=sa.QueuePool, pool_size=3, max_overflow=0, connect_args={"check_same_thread": False}
    )

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # Writers take the lock at once: a read lock that has to be raised later fails instead of waiting.
        connection.isolation_level = "IMMEDIATE"
        for pragma in (
            "journal_mode=WAL",  # readers do not wait for writers, and a kill -9 leaves a whole database
            f"synchronous={'FULL' if survive_power_cut else 'NORMAL'}",
            f"busy_timeout={BUSY_MS}",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is deleted is overwritten with zeros
            "journal_size_limit=4194304",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def unavailable(what: str, engine: sa.Engine, error: Exception) -> StoreUnavailable:
    """A database error in plain words, without the statement or its parameters, which might quote somebody."""
    where = engine.url.render_as_string(hide_password=True)
    cause = str(error.orig) if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else ""
    reasons = _REASONS if engine.dialect.name == "sqlite" else _connecting(error)
    for sign, reason in reasons.items():
        if sign in cause.lower():
            return StoreUnavailable(f"{what} is unavailable ({where}): {reason}")
    return StoreUnavailable(
        f"{what} is unavailable ({where}): {type(error).__name__}; check that the database runs and can be reached"
    )


def _connecting(error: Exception) -> dict[str, str]:
    """What a failure to connect may mean; nothing for other failures, whose words may be a person's."""
    return _ELSEWHERE if isinstance(error, sa.exc.OperationalError) and error.statement is None else {}


class AloneThere:
    """One process at a time of all on a PostgreSQL, by a lock that ends with its connection however that ends."""

    def __init__(self, engine: sa.Engine, what: str) -> None:
        self._engine = engine
        self._what = what
        self._held: sa.Connection | None = None

    def take(self) -> None:
        """Raises StoreUnavailable when another process has it, or the database cannot be reached."""
        number = int.from_bytes(hashlib.blake2b(self._what.encode(), digest_size=8).digest(), signed=True)
        try:
            self._held = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            taken = self._held.execute(sa.select(sa.func.pg_try_advisory_lock(number))).scalar_one()
        except sa.exc.SQLAlchemyError as error:
            self.release()
            raise unavailable(self._what, self._engine, error) from None
        if not taken:
            self.release()
            where = self._engine.url.render_as_string(hide_password=True)
            raise StoreUnavailable(
                f"{self._what} is unavailable ({where}): another process is at it on this database, and both would "
                "pay: wait until that one has ended, or stop it"
            )

    def release(self) -> None:
        """Let go, and close the engine's connections. Harmless when nothing is held."""
        if self._held is not None:
            self._held.close()
            self._held = None
        self._engine.dispose()


class Alone:
    """Holds a SQLite file for this process alone, by a lock beside it that ends with the process however it ends."""

    def __init__(self, engine: sa.Engine, what: str) -> None:
        self._engine = engine
        self._what = what
        self._lock: sqlite3.Connection | None = None

    def take(self) -> None:
        """Raises StoreUnavailable when another process has it, or the folder cannot be written to."""
        if self._engine.dialect.name != "sqlite" or self._engine.url.database in (None, "", ":memory:"):
            return
        path = Path(str(self._engine.url.database))
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Without patience two that begin at the same moment each see the other, and both give up.
            self._lock = sqlite3.connect(f"{path}.lock", timeout=0.5, isolation_level=None, check_same_thread=False)
            self._lock.execute("BEGIN EXCLUSIVE")
        except (sqlite3.Error, OSError) as error:
            self.release()
            raise unavailable(self._what, self._engine, sa.exc.DBAPIError("", {}, error)) from None

    def release(self) -> None:
        """Let go. Harmless when nothing is held."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
