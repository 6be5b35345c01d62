"""How changes apply to records: every branch."""

from __future__ import annotations

from bot.profile.changes import apply
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
