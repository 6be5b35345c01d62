"""How long a value may be kept: the operators' wish per sensitivity, clamped by the deployer. Pure.

Expiry is absolute: it is set once, when a value is told, and nothing but telling it again moves it.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.clock import Seconds
from bot.errors import SettingsError
from bot.frozen import dataclass
from bot.profile.attributes import Scope, Sensitivity

Wishes = Mapping[Sensitivity, Seconds]
"""What the policy asks for: seconds by sensitivity."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The deployer's floor and ceiling, in seconds, whatever operators write in the policy."""

    floor: Seconds
    ceiling: Seconds

    def __post_init__(self) -> None:
        if not 0 < self.floor <= self.ceiling:
            raise SettingsError(
                (f"retention: expected 0 < floor <= ceiling, got {self.floor:g} s and {self.ceiling:g} s",)
            )

    def clamp(self, wish: Seconds) -> Seconds:
        return min(max(wish, self.floor), self.ceiling)


def lifetime(wishes: Wishes, sensitivity: Sensitivity, scope: Scope, bounds: Bounds) -> Seconds:
    """Seconds a value lives from the moment it is told. One that serves a conversation or a turn only lives no longer
    than the most sensitive would; outside its conversation it is invisible besides."""
    wish = wishes[sensitivity]
    if scope is not Scope.USER:
        wish = min(wish, wishes[Sensitivity.SENSITIVE])
    return bounds.clamp(wish)
