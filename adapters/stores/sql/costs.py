"""What models cost, by day, in SQL."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from adapters.stores.sql.database import SqlDatabase, add
from adapters.stores.sql.policy_tables import model_costs
from bot.clock import Seconds
from bot.review.operating import DAY, Spent

_COUNTED = ("calls", "tokens", "usd", "unpriced")


class SqlCosts:
    """Implements :class:`bot.review.operating.Costs`. ``database`` is open; several processes may count at once."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    async def add(self, spent: Iterable[Spent]) -> None:
        rows = sorted(spent, key=_place)  # in one order everywhere, so that no two wait for each other

        def write(connection: sa.Connection) -> None:
            for each in rows:
                key = {"day": int(each.day // DAY), "model": each.model}
                add(connection, model_costs, {**key, **dict.fromkeys(_COUNTED, 0)}, ("day", "model"))
                more = {name: model_costs.c[name] + getattr(each, name) for name in _COUNTED}
                own = (model_costs.c.day == key["day"]) & (model_costs.c.model == each.model)
                connection.execute(sa.update(model_costs).where(own).values(more))

        await self._database.write(write)

    async def since(self, moment: Seconds) -> tuple[Spent, ...]:
        later = model_costs.c.day >= int(moment // DAY)
        wanted = sa.select(model_costs).where(later).order_by(model_costs.c.day, model_costs.c.model)
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return tuple(Spent(row.day * DAY, row.model, row.calls, row.tokens, row.usd, row.unpriced) for row in rows)


def _place(spent: Spent) -> tuple[Seconds, str]:
    return spent.day, spent.model
