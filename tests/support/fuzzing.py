"""Inputs for parsers: anything at all, and what almost has the right form. ``RAISE_FUZZ`` is how many of each."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

INPUTS = int(os.environ.get("RAISE_FUZZ", "60"))
fuzz = settings(
    max_examples=INPUTS, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
"""The profile of every fuzzing test; found failures are kept in Hypothesis' own database and tried first."""

_ODD = ("", " ", "\x00", "\ud800", "\u202e", "a:b", "<@U1>", "../x", "😀", "0", "-1", "nan", "1e999", "null", "x" * 300)
_SCALARS: SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(_ODD),
    st.text(max_size=20),
)


def trees(keys: Sequence[str], values: Sequence[str] = ()) -> SearchStrategy[object]:
    """JSON values of any depth whose objects often have the keys, and whose texts are often the values, that a parser
    looks for."""
    names = st.one_of(st.sampled_from(list(keys)), st.sampled_from(list(keys)), st.text(max_size=5))
    leaves = st.one_of(_SCALARS, st.sampled_from(list(values))) if values else _SCALARS
    return st.recursive(
        leaves, lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(names, below, max_size=6)),
        max_leaves=25,
    )  # fmt: skip


def objects(keys: Sequence[str], values: Sequence[str] = ()) -> SearchStrategy[dict[str, object]]:
    """JSON objects with some of the keys at the top."""
    return st.dictionaries(st.sampled_from(list(keys)), trees(keys, values), max_size=len(keys))


def dumped(value: object) -> bytes:
    """As JSON, also where it holds what JSON has no form for."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def damaged(samples: Sequence[bytes]) -> SearchStrategy[bytes]:
    """Good documents with stretches cut out, doubled, or replaced by anything; and anything at all."""

    def edit(sample: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
        for place, length, put in edits:
            at = place % (len(sample) + 1)
            sample = sample[:at] + put + sample[at + length :]
        return sample

    signs = st.sampled_from(
        [b"", b"\x00", b"\xff", b"\t", b"\n", b":", b"- ", b"{", b"]", b"&a ", b"*a", b"!!x ", b'"']
    )
    edits = st.tuples(st.integers(0, 1 << 20), st.integers(0, 40), st.one_of(signs, st.binary(max_size=8)))
    return st.one_of(
        st.builds(edit, st.sampled_from(list(samples)), st.lists(edits, max_size=6)), st.binary(max_size=200)
    )


@st.composite
def mutated(draw: st.DrawFn, samples: Sequence[object], keys: Sequence[str], values: Sequence[str] = ()) -> object:
    """Good JSON values with a few of their parts taken away, or replaced by others."""
    tree = copy.deepcopy(draw(st.sampled_from(list(samples))))
    for _ in range(draw(st.integers(0, 4))):
        node: object = tree
        while True:
            places = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
            if not places:
                break
            place = draw(st.sampled_from(places))
            below = node[place]  # type: ignore[index]  # a dict or a list, and one of its own places
            if isinstance(below, dict | list) and below and draw(st.booleans()):
                node = below
                continue
            if draw(st.booleans()):
                del node[place]  # type: ignore[attr-defined]  # as above
            else:
                node[place] = draw(trees(keys, values))  # type: ignore[index]  # as above
            break
    return tree
