"""The receipt of an erasure, as the message its person gets: the same words and the same id however often the erasure
was cut off, so that a platform can show it once.
"""

from __future__ import annotations

from bot.chat import Notice, Outbound
from bot.identity import DIRECT, Space
from bot.policy.phrases import phrase
from bot.policy.schema import Policy
from bot.private import Private
from bot.profile.erasure import Pending, Receipt


def farewell(policy: Policy, pending: Pending, receipt: Receipt, *, turn: str = "", space: Space = DIRECT) -> Outbound:
    """What was deleted, by store, and what is kept and why. ``turn`` is the one that asked, if it still runs."""
    person, locale = pending.person, pending.locale
    lines = [phrase(policy, locale, "privacy.forgot_me", count=receipt.total)]
    lines += [
        f"- {phrase(policy, locale, 'privacy.forgot_me_line', what=_named(policy, locale, name), count=count)}"
        for name, count in receipt.removed
        if count
    ]
    for name in receipt.remains:
        why = phrase(policy, locale, f"privacy.remains.{name}")
        lines.append(
            f"- {phrase(policy, locale, 'privacy.forgot_me_remains', what=_named(policy, locale, name), why=why)}"
        )
    name = f"{person.platform}:{person.workspace}:forgotten-{pending.asked_at:.6f}"
    return Outbound(name, person, space, Notice(Private("\n".join(lines)), private=True), turn or name, locale)


def _named(policy: Policy, locale: str, store: str) -> str:
    return phrase(policy, locale, f"privacy.store.{store}")
