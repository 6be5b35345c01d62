"""What became of one scenario in one mode, as it is kept: one JSON line each, without any text of query or answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import InputError
from bot.llm import Usage
from bot.raise_core.planner.judging import Unscorable
from bot.raise_core.planner.rubric import Grades

CRISIS: Final = "crisis reply"
ASTRAY: Final = "no domain found"
CLEAR: Final = "nothing worth a question"
Judged = Grades | Unscorable
"""One judgement; an Unscorable is counted apart and never becomes a number."""
NOTHING: Final = Usage(usd=0.0, calls=0)
"""What it costs when nobody was asked."""
UNASKED: Final = (CRISIS, ASTRAY, CLEAR)
DIMENSIONS: Final = ("risk_sensitivity", "emotional_empathy", "user_specific_alignment")


@dataclass(frozen=True, slots=True)
class Result:
    """``scenario`` is its id. ``asked`` attributes in order, ``known`` those the answer was written with. ``judged``
    are the judge's repeated judgements, empty where there is no answer (``failure`` says why). ``checks``: what the
    judge said when something changed that should not matter (see ``checks``), and what the second judge said.
    ``words`` of the answer; ``answer`` and ``judging`` say what they cost. ``unasked``: why the whole bot asked
    nothing, one of UNASKED; empty where it asked."""

    scenario: str
    domain: str
    group: str
    source: str
    mode: str
    asked: tuple[str, ...]
    known: tuple[str, ...]
    judged: tuple[Judged, ...] = ()
    failure: str = ""
    checks: Mapping[str, Judged] = field(default_factory=dict)
    words: int = 0
    answer: Usage = NOTHING
    judging: Usage = NOTHING
    unasked: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.scenario, self.mode

    @property
    def grades(self) -> tuple[Grades, ...]:
        return tuple(each for each in self.judged if isinstance(each, Grades))

    @property
    def score(self) -> float | None:
        """Mean of the repeated judgements that gave one, 1-5; None where none did."""
        return sum(each.mean for each in self.grades) / len(self.grades) if self.grades else None

    def dimension(self, name: str) -> float | None:
        """Mean of one dimension, 1-5."""
        return sum(getattr(each, name) for each in self.grades) / len(self.grades) if self.grades else None

    @property
    def reason(self) -> str:
        """Why there is no score; empty where there is one."""
        if self.grades:
            return ""
        return self.failure or next((each.reason for each in self.judged if isinstance(each, Unscorable)), "")


class _Line(BaseModel):
    """A result as it is written."""

    model_config = ConfigDict(extra="forbid")

    scenario: str
    domain: str
    group: str
    source: str
    mode: str
    asked: list[str]
    known: list[str]
    judged: list[list[int] | str]
    failure: str
    checks: dict[str, list[int] | str]
    words: int
    answer: list[float | None]
    judging: list[float | None]
    unasked: str = ""

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(
            scenario=result.scenario,
            domain=result.domain,
            group=result.group,
            source=result.source,
            mode=result.mode,
            asked=list(result.asked),
            known=list(result.known),
            judged=[_written(each) for each in result.judged],
            failure=result.failure,
            checks={name: _written(each) for name, each in result.checks.items()},
            words=result.words,
            answer=_spent(result.answer),
            judging=_spent(result.judging),
            unasked=result.unasked,
        )

    def result(self) -> Result:
        """Raises ValueError for what cannot be a result."""
        return Result(
            self.scenario,
            self.domain,
            self.group,
            self.source,
            self.mode,
            tuple(self.asked),
            tuple(self.known),
            tuple(_judged(each) for each in self.judged),
            self.failure,
            {name: _judged(each) for name, each in self.checks.items()},
            self.words,
            _usage(self.answer),
            _usage(self.judging),
            self.unasked,
        )


def _written(judged: Judged) -> list[int] | str:
    if isinstance(judged, Unscorable):
        return judged.reason
    return [judged.risk_sensitivity, judged.emotional_empathy, judged.user_specific_alignment]


def _judged(written: Sequence[int] | str) -> Judged:
    if isinstance(written, str):
        return Unscorable(written)
    risk, empathy, alignment = written
    return Grades(risk, empathy, alignment)


def _spent(usage: Usage) -> list[float | None]:
    return [usage.calls, usage.input_tokens, usage.output_tokens, usage.usd]


def _usage(written: Sequence[float | None]) -> Usage:
    calls, read, wrote, usd = written
    return Usage(int(read or 0), int(wrote or 0), usd, int(calls or 0))


class Record:
    """A file of results that grows line by line. A line that was cut off when a process was killed is dropped: its
    calls are recorded, and it is made again from them for nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def open(self) -> dict[tuple[str, str], Result]:
        """What is there. Raises InputError for a file that is no record, or cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            found, length = _read(self._path) if self._path.exists() else ({}, 0)
            self._file = self._path.open("a", encoding="utf-8")
            self._file.truncate(length)
        except OSError as problem:
            raise InputError(f"{self._path}: cannot be written: {problem.strerror}") from None
        return found

    def add(self, result: Result) -> None:
        """Keep a result; on return it outlives the process."""
        if self._file is None:
            raise RuntimeError("expected an open record")
        self._file.write(f"{_Line.of(result).model_dump_json()}\n")
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def read_results(path: Path) -> list[Result]:
    """Every result of a record. Raises InputError."""
    try:
        return list(_read(path)[0].values())
    except OSError as problem:
        raise InputError(f"{path}: cannot be read: {problem.strerror}") from None


def _read(path: Path) -> tuple[dict[tuple[str, str], Result], int]:
    """The results, and how many bytes of the file are whole lines."""
    found: dict[tuple[str, str], Result] = {}
    length = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            try:
                result = _Line.model_validate_json(line, strict=True).result()
            except (ValidationError, ValueError):
                raise InputError(f"{path}:{number}: expected a result of raise-bot penguin run") from None
            found[result.key] = result
            length += len(line)
    return found, length
