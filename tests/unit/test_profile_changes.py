"""How changes apply to records: every branch."""

from __future__ import annotations

from collections.abc import Sequence

from bot.profile.changes import apply, together
from bot.profile.record import Record
from bot.profile.store import Changes
from tests.support.people import CHANNEL, NOW, record


def test_removing_comes_before_putting_and_expired_ones_drop_out() -> None:
    old, other, gone = record("age"), record("gender", space=CHANNEL), record("profession", expires_at=NOW)
    new = record("age", said="31", observed_at=NOW - 1)
    assert apply([old, other, gone], Changes(put=(new,), remove=("age",)), NOW, 10) == [new, other]


def test_beyond_the_bound_those_nearest_to_expiry_go() -> None:
    records = [record(f"a{number}", expires_at=NOW + 10 - number, observed_at=NOW + number) for number in range(5)]
    assert apply(records, Changes(), NOW, 2) == records[:2]


def test_changes_know_whether_they_are_any() -> None:
    assert not Changes()
    assert Changes(remove=("age",))
    assert Changes(put=(record(),))


def test_changes_together_leave_what_they_would_leave_one_after_the_other() -> None:
    steps = [
        Changes(put=(record("age", "30"), record("gender", "f"))),
        Changes(put=(record("age", "31"),), remove=("gender",)),
        Changes(remove=("age", "profession")),
        Changes(put=(record("age", "32"),)),
    ]
    for begun in ((), (record("profession"), record("gender", "m", space=CHANNEL))):
        one_by_one: Sequence[Record] = apply(begun, Changes(), NOW, 100)
        for length in range(len(steps) + 1):
            if length:
                one_by_one = apply(one_by_one, steps[length - 1], NOW, 100)
            assert apply(begun, together(steps[:length]), NOW, 100) == list(one_by_one)
    assert not together([])
