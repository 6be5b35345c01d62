"""Bring the tables to this release's form, at start, one process at a time. Alembic's scripts are in ``migrations``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.stores.sql.whole import missing
from bot.errors import StoreUnavailable

SCRIPTS: Final = Path(__file__).parent / "migrations"
VERSIONS: Final = "stores_version"
_LOCK: Final = 0x7261697365  # "raise": the number of the advisory lock on PostgreSQL
_MISFITS: Final = ("already exists", "does not exist", "no such", "duplicate column")
"""How a database refuses a migration that was applied before, or whose tables are not there."""


def migrate(engine: sa.Engine, to: str = "head") -> None:
    """Upgrade to ``to``; a database that is there already is not touched.

    Raises StoreUnavailable when a newer release wrote it (going on would lose what that release added), and when its
    tables are not those of the form it says it has.
    """
    scripts = ScriptDirectory(str(SCRIPTS))
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # All statements of the upgrade in one transaction, and other processes wait until it is done.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        present = MigrationContext.configure(connection, opts={"version_table": VERSIONS}).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if present is not None and present not in known:
            raise StoreUnavailable(
                f"the database is of a newer release (form {present}; this release knows up to "
                f"{scripts.get_current_head()}): install that release again, or restore the backup made before it"
            )
        if present != (scripts.get_current_head() if to == "head" else to):
            try:
                _run(connection, to)
            except (sa.exc.ProgrammingError, sa.exc.OperationalError) as error:
                if any(sign in str(error.orig).lower() for sign in _MISFITS):
                    raise _half_applied(present, type(error).__name__) from None
                raise
        if to == "head" and (lacking := missing(connection)):
            raise _half_applied(scripts.get_current_head(), f"missing: {', '.join(lacking)}")


def _half_applied(form: str | None, what: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the database says it is of form {form or 'none'}, and its tables are not ({what}): an upgrade was "
        "interrupted, or only a part was restored; restore the whole backup made before it, then start again"
    )


def _run(connection: sa.Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def downgrade(engine: sa.Engine, to: str) -> None:
    """Back to an earlier form, ``base`` for none at all. For tests and for operators who know what they lose."""
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.downgrade(config, to)
