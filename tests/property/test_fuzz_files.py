"""Every parser of what models answer and of what disks hold takes anything: it reads it, or says no in its own words.

A thousand inputs each in the suite; ``make fuzz`` tries 100,000.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from adapters.stores import packing
from bot.chat import Inbound, Outbound
from bot.conversation.codec import decode, encode
from bot.conversation.effects import Journal
from bot.conversation.states import State
from bot.errors import InputError, SettingsError, Unreadable
from bot.identity import DIRECT, Person
from bot.llm.structured import Fitting, Flaws, parse
from bot.policy.base import Part
from bot.policy.cases import CasesPolicy
from bot.policy.folder import find_folder
from bot.policy.loader import Cache
from bot.policy.schema import Defaults, DomainPolicy, Index, Locale, Resources, RiskPolicy
from bot.private import Private
from bot.profile.attributes import Scope
from bot.profile.record import Record, Source, Value
from bot.raise_core.agent.model_reading import ReadReply
from bot.raise_core.planner import files
from bot.raise_core.planner.queries import read_sheet
from bot.raise_core.planner.rubric import Scores
from bot.settings import load
from tests.support.fuzzing import damaged, dumped, fuzzed, mapped, objects, one_of, trees

ANN = Person("terminal", "w1", "ann")
RECORD = Record("age", Value(Private("34"), "30s"), Source.TEXT, Scope.USER, DIRECT, "c", 1.0, 2.0)
PACKED = packing.pack(ANN, [RECORD])
REPLY_KEYS = (
    *("stance", "values", "completeness", "severity", "category", "attribute", "value", "said", "risk_sensitivity"),
)
REPLY = (
    b'{"stance":"answers","values":[{"attribute":"age","value":"30s","said":"34"}],'
    b'"completeness":3,"severity":"none","category":null}'
)


@pytest.mark.parametrize("shape", [ReadReply, Scores])
def test_replies_of_models(shape: type[ReadReply | Scores]) -> None:
    def read(raw: bytes) -> None:
        outcome = parse(raw.decode("utf-8", "replace"), shape)
        assert isinstance(outcome, Fitting | Flaws)
        if isinstance(outcome, Flaws):
            assert outcome.problems

    made = mapped(objects(REPLY_KEYS, ("answers", "none", "high")), dumped)
    fuzzed(one_of(made, damaged([REPLY, b"```json\n" + REPLY + b"\n```"])), read)


def test_packed_profiles() -> None:
    def read(raw: bytes) -> None:
        try:
            records = packing.unpack(ANN, raw)
        except Unreadable:
            return
        again = packing.unpack(ANN, packing.pack(ANN, records))
        assert again == records or any(each.observed_at != each.observed_at for each in records)

    value = trees(("a",), ("age", "text", "dm", "user"), 2)

    def rows(rng: Random) -> bytes:
        return dumped([[value(rng) for _ in range(rng.randrange(13))]])

    fuzzed(one_of(damaged([PACKED]), rows), read)


BODY_KEYS = (
    *("version", "body", "is", "threads", "held", "at", "effects", "id", "person", "space", "content", "text"),
)
BODIES = mapped(
    objects(BODY_KEYS, ("Said", "Say", "dm", "Command", "Answer")), lambda body: dumped({"version": 1, "body": body})
)


@pytest.mark.parametrize("kind", [State, Journal, Inbound, Outbound])
def test_states_and_turns(kind: type[State | Journal | Inbound | Outbound]) -> None:
    def read(raw: bytes) -> None:
        with suppress(Unreadable):
            assert isinstance(decode(raw, kind), kind)

    fuzzed(one_of(damaged([encode(State())]), BODIES), read)


STRETCH = 700
"""Bytes of a file of the policy that are damaged at a time: reading grows with them."""


@cache
def shipped_files(folder: str) -> tuple[bytes, ...]:
    """Stretches of the files that ship, from the beginning and from any line at the left margin."""
    found = []
    for file in sorted((find_folder(environment={}) / folder).glob("*.yaml")):
        content = file.read_bytes()
        margins = [at + 1 for at, sign in enumerate(content[:-1]) if sign == 10 and content[at + 1 : at + 2].isalpha()]
        found += [content[at : at + STRETCH] for at in (0, *margins)]
    return tuple(found)


PARTS: Mapping[str, type[Part]] = {
    "index": Index,
    "defaults": Defaults,
    "domains": DomainPolicy,
    "risk": RiskPolicy,
    "resources": Resources,
    "locales": Locale,
    "cases": CasesPolicy,
}


@pytest.mark.parametrize("room", PARTS)
def test_files_of_the_policy(room: str) -> None:
    def read(content: bytes) -> None:
        file, diagnostics = Cache().file(PARTS[room], f"{room}/x.yaml", content)
        assert file.part is not None or diagnostics, "refused without a word"
        for each in diagnostics:
            assert each.message
            assert each.line >= 1

    fuzzed(damaged(shipped_files(room) or shipped_files(".")), read)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where the system has such a place: a disk would take most of the time."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as name:
        yield Path(name)


QUERIES = {
    ".csv": b'query,domain,age\n"What, now?",health,34\nplain,social,\n',
    ".json": b'[{"query":"What now?","domain":"health","profile":{"age":"34"}},{"query":"x"}]',
    ".jsonl": b'{"query":"What now?","age":"34"}\n{"query":"x","scenario":"social"}\n',
}


@pytest.mark.parametrize("ending", QUERIES)
def test_files_of_queries(ending: str, folder: Path) -> None:
    path = folder / f"queries{ending}"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        with suppress(InputError):
            read_sheet(files.read_rows(path), {"age"}, {"health", "social"}, lambda query: None)

    fuzzed(damaged([QUERIES[ending]]), read)
    csv.field_size_limit(1 << 17)


SETTINGS = b'log_level = "info"\nretention_floor = "60s"\nhttp_port = 8080\nkey = "abc"\n'


def test_the_file_of_settings(folder: Path) -> None:
    path = folder / "raise.toml"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        with suppress(SettingsError):
            load({"RAISE_CONFIG": str(path)})

    fuzzed(damaged([SETTINGS]), read)
