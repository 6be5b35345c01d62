"""What may be asked, kept, used and sent; how long; what is visible where. Every branch of the pure decisions."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from bot.errors import SettingsError
from bot.identity import DIRECT, Place, Space
from bot.policy.phrasebook import PHRASES
from bot.profile.attributes import Scope, Sensitivity
from bot.profile.consent import (
    NEW,
    Agreement,
    Standing,
    may_ask,
    may_keep,
    may_send_to_model,
    may_use,
    reconciled,
    was_taken_back,
    with_consent,
)
from bot.profile.erasure import Receipt
from bot.profile.inventory import INVENTORY, NAMES, OF_NOBODY, remaining
from bot.profile.record import visible
from bot.profile.retention import Bounds, lifetime
from tests.support.people import ANN_CHANNEL, CHANNEL, HOUR, NOW, record

GRANTED, DECLINED, WITHDRAWN = (with_consent(NEW, "age", word, NOW) for word in Agreement)
PAUSED = replace(GRANTED, paused=True)
ORDINARY, PERSONAL, SENSITIVE = Sensitivity


@pytest.mark.parametrize(
    ("standing", "ask", "keep", "keep_sensitive", "use", "send", "send_sensitive"),
    [
        (NEW, True, True, False, True, True, False),
        (GRANTED, True, True, True, True, True, True),
        (DECLINED, True, False, False, True, True, False),
        (WITHDRAWN, False, False, False, False, False, False),
        (PAUSED, False, False, False, False, False, False),
    ],
)
def test_every_decision_for_every_standing(
    standing: Standing, ask: bool, keep: bool, keep_sensitive: bool, use: bool, send: bool, send_sensitive: bool
) -> None:
    assert may_ask(standing, "age") is ask
    assert may_use(standing, "age") is use
    for sensitivity in (ORDINARY, PERSONAL):
        assert may_keep(standing, "age", sensitivity) is keep
        assert may_send_to_model(standing, "age", sensitivity) is send
    assert may_keep(standing, "age", SENSITIVE) is keep_sensitive
    assert may_send_to_model(standing, "age", SENSITIVE) is send_sensitive


def test_a_word_about_one_attribute_says_nothing_of_another() -> None:
    assert may_use(WITHDRAWN, "gender")
    assert not may_keep(GRANTED, "gender", SENSITIVE)


def test_the_latest_word_counts_and_leaves_the_rest() -> None:
    standing = with_consent(replace(GRANTED, informed=True), "age", Agreement.WITHDRAWN, NOW + 1)
    assert standing.consents["age"].agreement is Agreement.WITHDRAWN
    assert standing.consents["age"].at == NOW + 1
    assert standing.informed


@pytest.mark.parametrize("mine", [NEW, GRANTED, WITHDRAWN, PAUSED])
def test_what_changed_meanwhile_stays(mine: Standing) -> None:
    latest = with_consent(replace(NEW, paused=True, informed=True), "age", Agreement.WITHDRAWN, NOW + 5)
    kept = reconciled(NEW, mine, latest)
    assert kept.paused
    assert kept.informed
    assert kept.consents["age"] == latest.consents["age"]


@pytest.mark.parametrize(("before", "mine"), list(product([NEW, GRANTED, PAUSED], [NEW, WITHDRAWN, PAUSED])))
def test_when_nothing_changed_meanwhile_the_turn_has_its_way(before: Standing, mine: Standing) -> None:
    kept = reconciled(before, mine, before)
    assert kept.paused == mine.paused
    assert kept.consents == {**before.consents, **mine.consents}


def test_what_was_told_before_a_withdrawal_stays_taken_back_whatever_is_agreed_to_later() -> None:
    assert was_taken_back(WITHDRAWN, "age", NOW - 1)
    assert not was_taken_back(WITHDRAWN, "gender", NOW - 1)
    assert not was_taken_back(GRANTED, "age", NOW - 1)
    again = with_consent(WITHDRAWN, "age", Agreement.GRANTED, NOW + 5)
    assert again.consents["age"].agreement is Agreement.GRANTED
    assert was_taken_back(again, "age", NOW - 1)
    assert not was_taken_back(again, "age", NOW + 1)
    declined = with_consent(again, "age", Agreement.DECLINED, NOW + 6)
    assert was_taken_back(declined, "age", NOW - 1)
    later = with_consent(declined, "age", Agreement.WITHDRAWN, NOW + 9)
    assert was_taken_back(later, "age", NOW + 1)


def test_a_word_said_beside_a_withdrawal_does_not_undo_it() -> None:
    meanwhile = with_consent(NEW, "age", Agreement.WITHDRAWN, NOW + 1)
    mine = with_consent(NEW, "age", Agreement.GRANTED, NOW + 2)
    kept = reconciled(NEW, mine, meanwhile)
    assert kept.consents["age"].agreement is Agreement.GRANTED
    assert was_taken_back(kept, "age", NOW)


def test_done_again_after_a_crash_nothing_said_since_is_undone() -> None:
    declined = with_consent(NEW, "gender", Agreement.DECLINED, NOW)
    since = with_consent(replace(declined, paused=True), "age", Agreement.WITHDRAWN, NOW + 5)
    assert reconciled(NEW, declined, since) == since
    granted = with_consent(NEW, "age", Agreement.GRANTED, NOW)
    assert reconciled(NEW, granted, since).consents["age"].agreement is Agreement.WITHDRAWN


def test_after_the_clock_was_set_back_a_withdrawal_still_counts() -> None:
    granted = with_consent(NEW, "age", Agreement.GRANTED, NOW + 1_000)
    withdrawn = with_consent(granted, "age", Agreement.WITHDRAWN, NOW)
    assert reconciled(granted, withdrawn, granted) == withdrawn


WISHES = {ORDINARY: 100.0, PERSONAL: 50.0, SENSITIVE: 10.0}


class TestRetention:
    @pytest.mark.parametrize(
        ("sensitivity", "scope", "floor", "ceiling", "lives"),
        [
            (ORDINARY, Scope.USER, 1, 1_000, 100),
            (PERSONAL, Scope.USER, 1, 1_000, 50),
            (SENSITIVE, Scope.USER, 1, 1_000, 10),
            (ORDINARY, Scope.CONVERSATION, 1, 1_000, 10),
            (ORDINARY, Scope.TURN, 1, 1_000, 10),
            (ORDINARY, Scope.USER, 1, 60, 60),
            (SENSITIVE, Scope.USER, 30, 60, 30),
        ],
    )
    def test_wishes_are_clamped(
        self, sensitivity: Sensitivity, scope: Scope, floor: float, ceiling: float, lives: float
    ) -> None:
        assert lifetime(WISHES, sensitivity, scope, Bounds(floor, ceiling)) == lives

    @pytest.mark.parametrize(("floor", "ceiling"), [(0, 1), (-1, 1), (2, 1)])
    def test_bounds_that_are_none_are_refused(self, floor: float, ceiling: float) -> None:
        with pytest.raises(SettingsError, match="0 < floor <= ceiling"):
            Bounds(floor, ceiling)


class TestVisibility:
    def test_from_its_expiry_on_a_record_is_invisible(self) -> None:
        kept = record(expires_at=NOW + HOUR)
        assert visible(kept, conversation="", space=DIRECT, now=NOW + HOUR - 1)
        assert not visible(kept, conversation="", space=DIRECT, now=NOW + HOUR)
        assert not visible(kept, conversation="", space=DIRECT, now=NOW + 1e9)

    def test_what_was_said_in_private_stays_there_and_a_channels_in_the_channel(self) -> None:
        other = Space(Place.CHANNEL, "C2")
        private, public = record(space=DIRECT), record(space=CHANNEL)
        for kept, space, seen in (
            (private, DIRECT, True),
            (private, CHANNEL, False),
            (public, DIRECT, True),
            (public, CHANNEL, True),
            (public, other, False),
        ):
            assert visible(kept, conversation="", space=space, now=NOW) is seen

    def test_narrow_scopes_stay_in_their_conversation(self) -> None:
        kept = record(scope=Scope.CONVERSATION, conversation="s1")
        assert visible(kept, conversation="s1", space=DIRECT, now=NOW)
        assert not visible(kept, conversation=str(ANN_CHANNEL), space=DIRECT, now=NOW)


class TestInventory:
    def test_names_are_said_once_and_have_their_phrases(self) -> None:
        assert len(set(NAMES)) == len(NAMES)
        for each in INVENTORY:
            assert f"privacy.store.{each.name}" in PHRASES
            assert (f"privacy.remains.{each.name}" in PHRASES) == bool(each.remains)

    def test_what_could_write_again_goes_first_and_the_key_last(self) -> None:
        assert NAMES[0] == "turns"
        assert NAMES[-2:] == ("keys", "receipt")

    def test_no_table_is_declared_twice(self) -> None:
        tables = [table for each in INVENTORY for table in each.tables] + list(OF_NOBODY)
        assert len(set(tables)) == len(tables)

    def test_what_remains_is_named_where_something_was_found(self) -> None:
        assert remaining({"review": 0, "audit": 3}) == ("receipt",)
        assert remaining({"review": 2}) == ("review", "receipt")
        assert Receipt((("audit", 3), ("review", 2))).total == 5
