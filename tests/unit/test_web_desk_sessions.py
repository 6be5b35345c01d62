"""Sessions of the desk: they end by themselves, and only the browser has their token."""

from __future__ import annotations

from adapters.web.desk.sessions import Lifetimes, Sessions
from bot.clock import ManualClock

MINUTE = 60.0


def sessions() -> tuple[ManualClock, Sessions]:
    clock = ManualClock()
    return clock, Sessions(clock, Lifetimes(idle=30 * MINUTE, longest=600 * MINUTE))


def test_a_session_lives_while_it_is_used() -> None:
    clock, kept = sessions()
    token, session = kept.begin("mia")
    for _ in range(19):
        clock.advance(29 * MINUTE)
        assert kept.find(token) is session
    clock.advance(30 * MINUTE)
    assert kept.find(token) is None


def test_a_session_ends_however_much_it_is_used() -> None:
    clock, kept = sessions()
    token, _ = kept.begin("mia")
    for _ in range(29):
        clock.advance(20 * MINUTE)
        assert kept.find(token) is not None
    clock.advance(20 * MINUTE)
    assert kept.find(token) is None


def test_a_page_that_is_only_open_does_not_keep_a_session_alive() -> None:
    clock, kept = sessions()
    token, _ = kept.begin("mia")
    clock.advance(29 * MINUTE)
    assert kept.find(token, active=False) is not None
    clock.advance(MINUTE)
    assert kept.find(token, active=False) is None
    assert kept.find(token) is None


def test_tokens_are_kept_as_hashes_and_differ() -> None:
    _, kept = sessions()
    (one, first), (two, second) = kept.begin("mia"), kept.begin("mia")
    assert one != two
    assert len({one, two, first.csrf, second.csrf}) == 4
    assert one not in repr(vars(kept))
    assert len(one) >= 43


def test_logging_out_ends_that_session_only() -> None:
    _, kept = sessions()
    (one, _), (two, second) = kept.begin("mia"), kept.begin("mia")
    kept.end(one)
    kept.end("never there")
    assert kept.find(one) is None
    assert kept.find(two) is second


def test_the_oldest_of_many_sessions_of_one_account_ends() -> None:
    _, kept = sessions()
    hers, _ = kept.begin("lea")
    tokens = [kept.begin("mia")[0] for _ in range(9)]
    assert kept.find(tokens[0]) is None
    assert all(kept.find(token) is not None for token in [*tokens[1:], hers])
