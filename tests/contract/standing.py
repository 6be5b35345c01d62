"""What every ConsentStore and Audit does. Subclass and give the fixture."""

from __future__ import annotations

from typing import Protocol

from bot.conversation.audit import Audit, Decided, Use
from bot.identity import Person
from bot.profile.consent import NEW, Agreement, Consent, ConsentStore, Standing
from tests.support.people import ANN, ANN_CHANNEL, ANN_DIRECT, ANN_ELSEWHERE, BEN, BEN_DIRECT, NOW

WORDS = (
    Consent("age", Agreement.WITHDRAWN, NOW + 0.25),
    Consent("gender", Agreement.GRANTED, NOW + 3, earlier=NOW + 0.5),
)
STANDING = Standing({each.attribute: each for each in WORDS}, informed=True, paused=True)


class ConsentStoreContract:
    async def test_nobody_said_anything_at_first(self, consents: ConsentStore) -> None:
        assert await consents.read(ANN) == NEW

    async def test_what_was_said_comes_back_and_is_replaced_whole(self, consents: ConsentStore) -> None:
        await consents.write(ANN, Standing({"gender": Consent("gender", Agreement.GRANTED, NOW)}))
        await consents.write(ANN, STANDING)
        assert await consents.read(ANN) == STANDING
        assert await consents.read(BEN) == NEW
        assert await consents.read(ANN_ELSEWHERE) == NEW

    async def test_erasing_takes_one_person(self, consents: ConsentStore) -> None:
        await consents.write(ANN, STANDING)
        await consents.write(BEN, STANDING)
        assert await consents.erase(ANN) == 1
        assert await consents.erase(ANN) == 0
        assert await consents.read(ANN) == NEW
        assert await consents.read(BEN) == STANDING


class ErasableAudit(Audit, Protocol):
    async def erase(self, person: Person) -> int: ...


class AuditContract:
    async def test_one_decision_of_each_kind_in_a_turn(self, audit: ErasableAudit) -> None:
        await audit.record("t1", ANN_DIRECT, NOW, Decided("ask", "p1"))
        await audit.record("t1", ANN_DIRECT, NOW, Decided("ask", "p1"))
        await audit.record("t1", ANN_DIRECT, NOW, Decided("answer", "p1"))
        await audit.record("t2", BEN_DIRECT, NOW, Decided("ask", "p1"))
        assert await audit.erase(ANN) == 2
        assert await audit.erase(ANN) == 0
        assert await audit.erase(BEN) == 1

    async def test_uses_count_the_answers_a_value_was_used_in(self, audit: ErasableAudit) -> None:
        await audit.record("t1", ANN_DIRECT, NOW, Decided("ask", "p1", known=("age",)))
        await audit.record("t2", ANN_DIRECT, NOW + 1, Decided("answer", "p1", known=("age", "gender")))
        await audit.record("t3", ANN_CHANNEL, NOW + 2, Decided("answer", "p1", known=("age",)))
        await audit.record("t4", BEN_DIRECT, NOW + 3, Decided("answer", "p1", known=("age",)))
        assert await audit.uses(ANN) == {"age": Use(2, NOW + 2), "gender": Use(1, NOW + 1)}
        assert await audit.uses(ANN_ELSEWHERE) == {}
        await audit.erase(ANN)
        assert await audit.uses(ANN) == {}
