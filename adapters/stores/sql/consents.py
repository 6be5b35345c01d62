"""Consent in SQL: where each person stands, as one row."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, put
from adapters.stores.sql.tables import standings
from bot.identity import Person
from bot.profile.consent import NEW, Agreement, Consent, Standing

_THEIRS: Final = sa.select(standings).where(standings.c.person == sa.bindparam("who"))


class SqlConsents:
    """ConsentStore in SQL."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def read(self, person: Person) -> Standing:
        who = {"who": str(person)}
        row = await self._database.glance(lambda connection: connection.execute(_THEIRS, who).first())
        if row is None:
            return NEW
        consents = {name: Consent(name, Agreement(word), *moments) for name, (word, *moments) in row.consents.items()}
        return Standing(consents, row.informed, row.paused)

    async def write(self, person: Person, standing: Standing) -> None:
        values = {
            "person": str(person),
            "consents": {name: _said(each) for name, each in standing.consents.items()},
            "informed": standing.informed,
            "paused": standing.paused,
        }
        await self._database.write(lambda connection: put(connection, standings, values, ("person",)))

    async def erase(self, person: Person) -> int:
        theirs = sa.delete(standings).where(standings.c.person == str(person))
        return await self._database.erase(lambda connection: connection.execute(theirs).rowcount)


def _said(consent: Consent) -> list[str | float]:
    said: list[str | float] = [consent.agreement.value, consent.at]
    return said if consent.earlier is None else [*said, consent.earlier]
