"""The garbage collector, told what a process that serves looks like."""

from __future__ import annotations

import gc
from typing import Final

_NEW_OBJECTS: Final = 50_000
"""Objects made and not freed between two young collections. The default of 700 is reached several times a turn, to find
nothing: what a turn makes holds no cycles and is freed by counting."""


def settle_memory() -> None:
    """To be called once everything that lives as long as the process is loaded: policy, fitted models and code are set
    aside, so that no later collection walks through them (which would hold up every turn under way)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
