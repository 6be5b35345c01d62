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
    │   ├── MalformedReply         it answered, but not in the agreed shape
    │   └── BudgetExceeded         the call would go over the budget of the turn or job
    ├── StoreError             a store did not do as asked
    │   ├── StoreUnavailable       it cannot be reached
    │   └── Unreadable             what is stored cannot be opened (wrong key, corrupted)
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


class PlatformError(RaiseBotError):
    """A platform did not take a message."""
