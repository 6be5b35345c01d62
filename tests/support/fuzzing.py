"""Inputs for parsers: anything at all, and what almost has the right form. ``RAISE_FUZZ`` is how many of each.

Made with plain random numbers, a hundred times faster than by searching for them, so that 100,000 are minutes. Every
input has a number: ``RAISE_FUZZ_AT=4711`` tries that one alone, ``RAISE_SEED`` begins another series.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final, TypeVar

T = TypeVar("T")
S = TypeVar("S")
Make = Callable[[Random], T]
"""Makes one input; the same for the same random numbers."""

INPUTS: Final = int(os.environ.get("RAISE_FUZZ", "1000"))
SEED: Final = os.environ.get("RAISE_SEED", "1")
AT: Final = os.environ.get("RAISE_FUZZ_AT", "")

_ODD: Final = (
    *("", " ", "\x00", "\ud800", "\u202e", "a:b", "<@U1>", "../x", "😀", "0", "-1", "nan", "1e999", "null", "x" * 300),
    *("\u2028", "\r\n", "\ufeff", "%s", "{}", "é", "e\u0301", "\uff1a", "true", "[]", "''", '"', "\\", "\\u0000"),
)
_NUMBERS: Final = (0, 1, -1, 2**31, 2**53 + 1, 2**63, -(2**70), 10**400)
_FLOATS: Final = (0.0, -0.0, 0.5, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"))
_ALPHABETS: Final = (
    "abcxyz019",
    " \t\n\r\x00\x1b",
    ":/<>@#&;,.!?-_=+*'\"`\\{}[]()",
    "äßéçñ漢字עב\u200d\u202e😀\ud800\udfff",
)
_SIGNS: Final = (b"", b"\x00", b"\xff", b"\t", b"\n", b":", b"- ", b"{", b"]", b"&a ", b"*a", b"!!x ", b'"')


def fuzzed(make: Make[T], check: Callable[[T], object]) -> None:
    """Have ``check`` try every input. A failure carries the number of its input, and what it was."""
    for number in (int(AT),) if AT else range(INPUTS):
        given = make(Random(f"{SEED}:{number}"))
        try:
            check(given)
        except BaseException as failure:
            failure.add_note(f"input {number} of series {SEED}: {given!r}")
            failure.add_note(f"again: RAISE_SEED={SEED} RAISE_FUZZ_AT={number}")
            raise


def one_of(*makes: Make[T]) -> Make[T]:
    return lambda rng: rng.choice(makes)(rng)


def mapped(make: Make[S], change: Callable[[S], T]) -> Make[T]:
    return lambda rng: change(make(rng))


def sampled(values: Sequence[T]) -> Make[T]:
    return lambda rng: rng.choice(values)


def texts(longest: int = 20) -> Make[str]:
    """Text of one alphabet, or of all."""

    def text(rng: Random) -> str:
        alphabet = rng.choice((*_ALPHABETS, "".join(_ALPHABETS)))
        return "".join(rng.choices(alphabet, k=rng.randrange(longest + 1)))

    return text


def noise(longest: int) -> Make[bytes]:
    return lambda rng: rng.randbytes(rng.randrange(longest + 1))


def _scalar(rng: Random) -> object:
    match rng.randrange(8):
        case 0:
            return None
        case 1:
            return rng.random() < 0.5
        case 2:
            return rng.choice(_NUMBERS)
        case 3:
            return rng.randrange(-300, 300)
        case 4:
            return rng.choice(_FLOATS)
        case 5:
            return rng.choice(_ODD)
        case _:
            return texts()(rng)


def trees(keys: Sequence[str], values: Sequence[str] = (), depth: int = 4) -> Make[object]:
    """JSON values whose objects often have the keys, and whose texts are often the values, that a parser looks for."""

    def name(rng: Random) -> str:
        return rng.choice(keys) if rng.random() < 0.7 else texts(5)(rng)

    def tree(rng: Random, left: int) -> object:
        kind = rng.random()
        if left and kind < 0.2:
            return [tree(rng, left - 1) for _ in range(rng.randrange(5))]
        if left and kind < 0.5:
            return {name(rng): tree(rng, left - 1) for _ in range(rng.randrange(7))}
        return rng.choice(values) if values and rng.random() < 0.5 else _scalar(rng)

    return lambda rng: tree(rng, depth)


def objects(keys: Sequence[str], values: Sequence[str] = ()) -> Make[dict[str, object]]:
    """JSON objects with some of the keys at the top."""
    below = trees(keys, values, 3)

    def made(rng: Random) -> dict[str, object]:
        return {key: below(rng) for key in rng.sample(keys, rng.randrange(min(len(keys), 12) + 1))}

    return made


def dumped(value: object) -> bytes:
    """As JSON, also where it holds what JSON has no form for."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def damaged(samples: Sequence[bytes]) -> Make[bytes]:
    """Good documents with stretches cut out, doubled, or replaced by anything; and, now and then, anything at all."""

    def made(rng: Random) -> bytes:
        if rng.random() < 0.2:
            return rng.randbytes(rng.randrange(200))
        sample = rng.choice(samples)
        for _ in range(rng.randrange(7)):
            at, length = rng.randrange(len(sample) + 1), rng.randrange(41)
            put = rng.choice((rng.choice(_SIGNS), rng.randbytes(rng.randrange(9)), sample[at : at + 2 * length]))
            sample = sample[:at] + put + sample[at + length :]
        return sample

    return made


def mutated(samples: Sequence[dict[str, Any]], keys: Sequence[str], values: Sequence[str] = ()) -> Make[dict[str, Any]]:
    """Good JSON objects with a few of their parts taken away, or replaced by others."""
    other = trees(keys, values, 3)

    def made(rng: Random) -> dict[str, Any]:
        tree = copy.deepcopy(rng.choice(samples))
        for _ in range(rng.randrange(5)):
            _change(rng, tree, other)
        return tree

    return made


def _change(rng: Random, tree: Any, other: Make[object]) -> None:
    """Take one part away, at any depth, or put another there."""
    while tree:
        place = rng.choice(list(tree) if isinstance(tree, dict) else range(len(tree)))
        if isinstance(tree[place], dict | list) and tree[place] and rng.random() < 0.5:
            tree = tree[place]
        elif rng.random() < 0.5:
            del tree[place]
            return
        else:
            tree[place] = other(rng)
            return
