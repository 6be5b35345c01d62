"""``python -m bot.risk.train``: learn the weights of :mod:`bot.risk.likeness` from the exemplars beside it.

Logistic regression with an L2 penalty, by full gradient steps, one head per role against the ordinary messages: the
same exemplars give the same file, byte for byte. A message counts as its most alarming piece. Each fifth of every kind
(``# -- kind``) is held out in turn; thresholds come from the scores of messages while they were held out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bot.frozen import dataclass
from bot.risk.likeness import ROLES, SHARES, WEIGHTS, Likeness, Pair, Thresholds, asks, audible, features, margin
from bot.risk.normalise import tokens

EXEMPLARS = Path(__file__).with_name("exemplars")
FOLDS = 5
_FALSE_ALARMS = Thresholds((20, 20), (8, 8))
"""Of a thousand ordinary exemplars held out (far harder than chat), how many may reach a threshold, by role."""
_PENALTY = 0.0002
_STEPS = 300
_STEP = 2.0
_MOMENTUM = 0.9
_RARE = 2
"""Features that fewer pieces have are left out."""

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class Piece(NamedTuple):
    asks: bool
    margin: float
    share: float
    features: list[str]


class Exemplar(NamedTuple):
    role: str
    kind: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Head:
    """What one role's model has learned: a weight per feature."""

    bias: float
    weights: dict[str, float]

    def score(self, exemplar: Exemplar) -> float:
        """The score of its most alarming piece, rounded as the file is."""
        weights = self.weights
        read = [
            share * sum(weights.get(one, 0.0) for one in names) + self.bias - less
            for _, less, share, names in exemplar.pieces
        ]
        return round(max(read, default=-99.0), 6)


def exemplars(folder: Path) -> list[Exemplar]:
    """The messages of ``ROLE_*.txt`` in ``folder``, in order of the files' names. ``#`` starts comments, ``# --`` a
    kind."""
    found = []
    for file in sorted(folder.glob("*.txt")):
        role, kind = file.stem.partition("_")[0], file.stem
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("# -- "):
                kind = f"{file.stem}: {line.removeprefix('# -- ')}"
            elif line.strip() and not line.startswith("#"):
                read = audible(tokens(line))
                heard_as = [Piece(asks(one), margin(one) / 100, SHARES[len(one)], features(one)) for one in read]
                found.append(Exemplar(role, kind, heard_as))
    return found


def trained(danger: Sequence[Exemplar], ordinary: Sequence[Exemplar]) -> Head:
    """One role's model for these two lists. Both count alike, however many messages there are of each."""
    danger = [one for one in danger if one.pieces]
    ordinary = [one for one in ordinary if one.pieces]
    messages = [one.pieces for one in (*danger, *ordinary)]
    read = [piece for message in messages for piece in message]
    counted = Counter(name for piece in read for name in piece.features)
    column = {name: place for place, name in enumerate(sorted(name for name in counted if counted[name] >= _RARE))}
    owner = np.repeat(np.arange(len(messages)), [len(message) for message in messages])
    pairs = [(row, column[name]) for row, piece in enumerate(read) for name in piece.features if name in column]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    shares = np.array([piece.share for piece in read])
    wanted = np.array([1.0] * len(danger) + [0.0] * len(ordinary))
    share = np.where(wanted == 1, 0.5 / max(1, len(danger)), 0.5 / max(1, len(ordinary)))
    weights, pace, bias, bias_pace = np.zeros(len(column)), np.zeros(len(column)), 0.0, 0.0
    for _ in range(_STEPS):
        score: Numbers = np.bincount(rows, weights=weights[columns], minlength=len(read)) * shares + bias
        miss = _missed(score, owner, wanted, share)
        slope = np.bincount(columns, weights=(miss * shares)[rows], minlength=len(column))
        pace = _MOMENTUM * pace + slope + _PENALTY * weights
        bias_pace = _MOMENTUM * bias_pace + float(miss.sum())
        weights, bias = weights - _STEP * pace, bias - _STEP * bias_pace
    return Head(float(bias), {name: float(weights[place]) for name, place in column.items()})


def _missed(score: Numbers, owner: Places, wanted: Numbers, share: Numbers) -> Numbers:
    """How far off each piece is that speaks for its message; pieces that do not are not off at all."""
    starts = np.searchsorted(owner, np.arange(len(wanted)))
    most = np.maximum.reduceat(score, starts)
    speaks = score >= most[owner] - 1e-9
    speakers = np.add.reduceat(speaks.astype(np.float64), starts)
    missed: Numbers = np.where(speaks, (share * (1 / (1 + np.exp(-most)) - wanted) / speakers)[owner], 0.0)
    return missed


def heard(messages: Sequence[Exemplar], role: str) -> list[Exemplar]:
    """The messages of ``role`` and the ordinary ones, as its head hears them: requests only in pieces that ask."""
    meant = [one for one in messages if one.role in (role, "ordinary")]
    if role == "request":
        return [one._replace(pieces=[piece for piece in one.pieces if piece.asks]) for one in meant]
    return meant


def held_out(messages: Sequence[Exemplar], role: str, by_kind: bool) -> list[tuple[Exemplar, float]]:
    """Each message of ``role`` and each ordinary one, with its score by a model that has not seen it: a fifth of every
    kind at a time, or (``by_kind``) a fifth of the kinds."""
    meant = heard(messages, role)
    kinds = {kind: place for place, kind in enumerate(dict.fromkeys(one.kind for one in meant))}
    seen: Counter[str] = Counter()
    folds = []
    for one in meant:
        folds.append((kinds[one.kind] if by_kind else seen[one.kind]) % FOLDS)
        seen[one.kind] += 1
    scored = []
    for fold in range(FOLDS):
        kept = [one for one, place in zip(meant, folds, strict=True) if place != fold]
        danger = [one for one in kept if one.role == role]
        head = trained(danger, [one for one in kept if one.role != role])
        scored += [(one, head.score(one)) for one, place in zip(meant, folds, strict=True) if place == fold]
    return scored


def threshold(scored: Sequence[tuple[Exemplar, float]], alarms: int) -> int:
    """The score in hundredths that at most ``alarms`` of a thousand ordinary messages reach."""
    ordinary = sorted((score for one, score in scored if one.role == "ordinary"), reverse=True)
    return max(1, int(ordinary[len(ordinary) * alarms // 1000] * 100) + 1)


def model(messages: Sequence[Exemplar]) -> tuple[Likeness, str]:
    """The model for these messages, with thresholds, and a report of how it did on messages held out."""
    heads, lines, thresholds = [], [], []
    for place, role in enumerate(ROLES):
        scored = held_out(messages, role, by_kind=False)
        concern, high = (threshold(scored, alarms[place]) for alarms in _FALSE_ALARMS)
        thresholds.append((concern, high))
        lines += _reported(role, scored, concern, high)
        meant = heard(messages, role)
        heads.append(trained([one for one in meant if one.role == role], [one for one in meant if one.role != role]))
    first, second = heads
    names = sorted({*first.weights, *second.weights})
    both = {name: _hundredths(first.weights.get(name, 0.0), second.weights.get(name, 0.0)) for name in names}
    (concern, high), (other_concern, other_high) = thresholds
    limits = Thresholds((concern, other_concern), (high, other_high))
    weights = {name: pair for name, pair in both.items() if abs(pair[0]) + abs(pair[1]) > 1}
    return Likeness(_hundredths(first.bias, second.bias), limits, weights), "\n".join(lines) + "\n"


def _hundredths(one: float, other: float) -> Pair:
    return round(one * 100), round(other * 100)


def _reported(role: str, scored: Sequence[tuple[Exemplar, float]], concern: int, high: int) -> list[str]:
    kinds = dict.fromkeys(one.kind for one, _ in scored)
    lines = [f"{role}: held out by fifths of each kind; concern from {concern / 100}, high from {high / 100}"]
    for kind in (role, "ordinary", *sorted(kinds)):
        scores = [score * 100 for one, score in scored if kind in (one.role, one.kind)]
        reached = [sum(score >= limit for score in scores) / max(1, len(scores)) for limit in (concern, high)]
        lines.append(f"  {len(scores):5d}  concern {reached[0]:6.1%}  high {reached[1]:6.1%}  {kind}")
    return lines


def unseen_kinds(messages: Sequence[Exemplar]) -> str:
    """What is found of kinds that the model has never met, at the thresholds of messages held out the same way."""
    lines = []
    for role in ROLES:
        scored = held_out(messages, role, by_kind=True)
        lines += _reported(
            f"{role}", scored, *(threshold(scored, alarms[ROLES.index(role)]) for alarms in _FALSE_ALARMS)
        )[:3]
    return "kinds never met:\n" + "\n".join(lines) + "\n"


def stored(made: Likeness) -> str:
    """The weights as the text of their file, one a line."""
    lines = ",\n".join(f"{json.dumps(name, ensure_ascii=False)}:{list(pair)}" for name, pair in made.weights.items())
    head = {"bias": made.bias, "concern": made.thresholds.concern, "high": made.thresholds.high}
    return json.dumps(head)[:-1] + ', "weights": {\n' + lines + "\n}}\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the weights, or with ``--check`` say whether the file is what training gives (exit code 1: it is not)."""
    parser = argparse.ArgumentParser(prog="python -m bot.risk.train", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, compare")
    parser.add_argument("--to", type=Path, default=WEIGHTS, help="file to write or compare")
    parser.add_argument("--unseen", action="store_true", help="also hold out whole kinds")
    options = parser.parse_args(arguments)
    messages = exemplars(EXEMPLARS)
    made, report = model(messages)
    text = stored(made)
    if options.check:
        same = options.to.exists() and options.to.read_text(encoding="utf-8") == text
        sys.stdout.write("the weights are up to date\n" if same else "the weights are not what the exemplars give\n")
        return 0 if same else 1
    options.to.write_text(text, encoding="utf-8")
    sys.stdout.write(report + (unseen_kinds(messages) if options.unseen else ""))
    sys.stdout.write(f"{len(made.weights)} weights, {len(text.encode()) // 1000} kB, to {options.to}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
