"""Every error this project raises on purpose, in one tree.

    RaiseBotError
    ├── SettingsError          a setting is missing or wrong
    ├── PolicyError            the policy folder does not load (carries all its problems)
    ├── InputError             what a person, a file or a platform sent cannot be read
    ├── ProviderError          a model did not answer as it should
    │   ├── ProviderTimeout        it did not answer in time
    │   ├── ProviderUnavailable    it is down, overloaded, or the circuit is open
    │   ├── ProviderRateLimited    it asks to wait (``retry_after`` seconds)
    │   ├── ProviderRejected       wrong key, unknown model, bad request: no retry will help
    │   │   └── ProviderDeclined       the model itself would not answer this
    │   ├── MalformedReply         it answered, but not in the agreed shape
    │   └── BudgetExceeded         the call would go over the budget of the turn or job
    ├── StoreError             a store did not do as asked
    │   ├── StoreUnavailable       it cannot be reached
    │   └── Unreadable             what is stored cannot be opened (wrong key, corrupted)
    ├── ReviewError            the desk did not do what a moderator asked
    │   ├── CaseUnknown            there is no such case for this moderator
    │   ├── CaseGone               its person was forgotten, or it was kept long enough
    │   ├── CaseHeld               somebody else holds it (``holder``, ``until``)
    │   ├── NotHeld                it must be claimed first (never claimed, released, run out, decided)
    │   ├── NotAllowed             the role does not include it
    │   └── TooLate                the time to undo is over, or there is nothing to undo
    └── PlatformError          Slack, Discord, the browser or the terminal did not take a message

An error's message says what was expected, what came and what to do; it never holds text of a person.
"""

from __future__ import annotations


class RaiseBotError(Exception):
    """Root of the tree. ``str(error)`` is fit to be shown to an operator."""


class SettingsError(RaiseBotError):
    """One or more settings are missing or wrong; ``problems`` lists them all."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PolicyError(RaiseBotError):
    """A policy folder does not load."""


class InputError(RaiseBotError):
    """What was sent cannot be read."""


class ProviderError(RaiseBotError):
    """A model did not answer as it should."""


class ProviderTimeout(ProviderError):  # noqa: N818 - the name says what happened
    """The model did not answer in time."""


class ProviderUnavailable(ProviderError):  # noqa: N818
    """The model is down or overloaded, or its circuit is open."""


class ProviderRateLimited(ProviderError):  # noqa: N818
    """The model asks to wait; ``retry_after`` in seconds, None where it did not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ProviderRejected(ProviderError):  # noqa: N818
    """The request itself is wrong (key, model, parameters): no retry will help."""


class ProviderDeclined(ProviderRejected):
    """The model would not answer this; another question may do."""


class MalformedReply(ProviderError):  # noqa: N818
    """The model answered, but not in the agreed shape."""


class BudgetExceeded(ProviderError):  # noqa: N818
    """The call would go over the budget."""


class StoreError(RaiseBotError):
    """A store did not do as asked."""


class StoreUnavailable(StoreError):  # noqa: N818
    """The store cannot be reached."""


class Unreadable(StoreError):  # noqa: N818
    """What is stored cannot be opened: wrong key, or corrupted."""


class ReviewError(RaiseBotError):
    """The desk did not do what a moderator asked."""


class CaseUnknown(ReviewError):  # noqa: N818 - the name says what happened
    """There is no such case, or none that this moderator may see: the two are not told apart."""


class CaseGone(ReviewError):  # noqa: N818
    """The case has lost its person; the message says why and when."""


class CaseHeld(ReviewError):  # noqa: N818
    """Another moderator holds the case until ``until`` (a moment)."""

    def __init__(self, message: str, holder: str, until: float) -> None:
        super().__init__(message)
        self.holder = holder
        self.until = until


class NotHeld(ReviewError):  # noqa: N818
    """The moderator does not hold the case."""


class NotAllowed(ReviewError):  # noqa: N818
    """The moderator's role does not include this."""


class TooLate(ReviewError):  # noqa: N818
    """What was decided can no longer be undone."""


class PlatformError(RaiseBotError):
    """A platform did not take a message."""
