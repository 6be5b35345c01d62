"""The simulated world of METHOD section 7: a query, a hidden person, and what a judge would say of each set.

    value(U) = base + (ceiling - base) * (1 - product over a in U of (1 - w_a)) + sum over pairs of eta * w_a * w_b

clipped to 1..5, where w_a is first multiplied by every modulation whose attribute is in U and whose value is the
profile's (clipped to 0..0.95). A planner sees ``query``, ``domain`` and ``prior`` and may call the judge; no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from bot.errors import InputError
from bot.profile.attributes import ATTRIBUTES
from bot.raise_core.paths.sets import Lattice

LATTICE: Final = Lattice(ATTRIBUTES)
DRAWS: Final = 3
"""A judgement is the mean of this many rounded draws."""
HIGHEST_WEIGHT: Final = 0.95


class World(BaseModel):
    """One world; the same object as in METHOD section 7. Unknown attributes are refused; keys beyond it are notes of
    whoever made the file and are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    id: str
    domain: str
    query: Annotated[str, Field(min_length=1)]
    base: Annotated[float, Field(ge=1, le=5)]
    ceiling: Annotated[float, Field(ge=1, le=5)]
    judge_sd: Annotated[float, Field(ge=0)]
    weights: dict[str, Annotated[float, Field(ge=0, le=1)]]
    interactions: tuple[tuple[str, str, float], ...] = ()
    profile: dict[str, str]
    modulation: tuple[tuple[str, str, str, Annotated[float, Field(ge=0)]], ...] = ()
    answers: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    prior: dict[str, Annotated[float, Field(gt=0)]]

    @model_validator(mode="after")
    def _attributes_are_known(self) -> World:
        named = {*self.weights, *self.answers, *self.prior, *self.profile}
        named.update(name for first, second, _ in self.interactions for name in (first, second))
        named.update(name for first, _, second, _ in self.modulation for name in (first, second))
        unknown = sorted(named - set(ATTRIBUTES))
        if unknown:
            raise ValueError(f"expected attributes among {', '.join(ATTRIBUTES)}, got {', '.join(unknown)}")
        return self

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """The true value of every set, indexed by its bits; shape (2 ** attributes,), points of the 1-5 scale."""
        member = LATTICE.member
        weights = np.tile([self.weights.get(name, 0.0) for name in ATTRIBUTES], (len(member), 1))
        for attribute, value, target, factor in self.modulation:
            if self.profile.get(attribute) == value:
                weights[member[:, LATTICE.place[attribute]] > 0, LATTICE.place[target]] *= factor
        weights = np.clip(weights, 0.0, HIGHEST_WEIGHT) * member
        value = self.base + (self.ceiling - self.base) * (1.0 - np.prod(1.0 - weights, axis=1))
        for first, second, eta in self.interactions:
            value += eta * weights[:, LATTICE.place[first]] * weights[:, LATTICE.place[second]]
        clipped: NDArray[np.float64] = np.clip(value, 1.0, 5.0)
        return clipped

    def judge(self, bits: int, seed: int, draw: int) -> float:
        """One judgement of a set: the mean of three rounded, clipped draws around its value.

        The same seed, set and draw give the same score whoever asks, so that strategies are compared on equal luck."""
        rng = np.random.default_rng((seed, crc32(self.id.encode()), bits, draw))
        draws = np.round(self.values[bits] + rng.normal(0.0, self.judge_sd, DRAWS))
        return float(np.clip(draws, 1.0, 5.0).mean())

    def best(self, k: int) -> float:
        """The value of the best set of at most ``k`` attributes."""
        return float(self.values[LATTICE.size <= k].max())


def willing(world: World, seed: int, decline: float = 0.0) -> dict[str, bool]:
    """Which attributes this simulated user would answer when asked: a coin per attribute with the world's chance, less
    ``decline`` (0.3: three in ten of those are declined as well). The same for every strategy."""
    rng = np.random.default_rng((seed, crc32(world.id.encode()), 1 << 20))
    coins = rng.random((2, len(ATTRIBUTES)))
    return {
        name: bool(coins[0, place] < world.answers.get(name, 1.0) and coins[1, place] >= decline)
        for place, name in enumerate(ATTRIBUTES)
    }


_FILE: Final = TypeAdapter(tuple[World, ...])


def load_worlds(path: Path) -> tuple[World, ...]:
    """Read a JSON file that holds a list of worlds. Raises InputError that names the line, the world and the field."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = json.loads(text)
    except OSError as error:
        raise InputError(f"expected a file of worlds at {path}, could not read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: expected UTF-8: save the file in that encoding") from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}:{error.lineno}: expected a JSON list of worlds, could not read on: {error.msg}"
        ) from None
    try:
        worlds = _FILE.validate_python(rows, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        line = _line(text, first["loc"][0]) if first["loc"] else 1
        more = error.error_count() - 1
        raise InputError(
            f"{path}:{line}: world {place or '?'}: {first['msg']}" + (f" (and {more} more)" if more else "")
        ) from None
    seen: set[str] = set()
    for index, world in enumerate(worlds):
        if world.id in seen:
            line = _line(text, index)
            raise InputError(f"{path}:{line}: expected every world to have an id of its own, got {world.id!r} twice")
        seen.add(world.id)
    if not worlds:
        raise InputError(f"expected at least one world in {path}, got an empty list")
    return worlds


def _line(text: str, index: int | str) -> int:
    """The line on which the world at ``index`` of the list begins; ``text`` is valid JSON."""
    decoder, at = json.JSONDecoder(), text.find("[") + 1
    for _ in range(int(index)):
        at = decoder.raw_decode(text, _past_space(text, at))[1]
        at = _past_space(text, at) + 1  # the comma
    return text.count("\n", 0, _past_space(text, at)) + 1


def _past_space(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip())


def dump_worlds(worlds: Sequence[World], path: Path) -> None:
    """Write worlds as one JSON list, one world a line."""
    lines = ",\n".join(world.model_dump_json() for world in worlds)
    path.write_text(f"[{lines}]\n", encoding="utf-8")


def prior_of(world: World) -> Mapping[str, float]:
    """What the LLM's ranking says, for every attribute; one it leaves out gets the smallest weight it gave."""
    least = min(world.prior.values(), default=1.0)
    return {name: world.prior.get(name, least) for name in ATTRIBUTES}
