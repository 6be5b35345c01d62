"""``python -m bot.risk.train``: learn the weights of :mod:`bot.risk.likeness` from the exemplars beside it.

Logistic regression with an L2 penalty, by full gradient steps: the same exemplars give the same file, byte for byte.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from bot.risk.likeness import WEIGHTS, Likeness, features, pieces
from bot.risk.normalise import tokens

EXEMPLARS = Path(__file__).with_name("exemplars")
_PENALTY = 0.001
_STEPS = 300
_STEP = 0.05
_MOMENTUM = 0.9


def sentences(name: str) -> list[set[str]]:
    """The features of each line of ``exemplars/NAME.txt``; comments and blank lines left out."""
    lines = (EXEMPLARS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line.strip() and not line.startswith("#")]
    return [features(next(iter(pieces(tokens(text))), [])) for text in texts]


def trained(danger: list[set[str]], ordinary: list[set[str]]) -> Likeness:
    """The model for these two lists of sentences; each sentence a set of features, none empty."""
    names = sorted({feature for found in (*danger, *ordinary) for feature in found})
    column = {name: place for place, name in enumerate(names)}
    found_in = [sorted(column[feature] for feature in found) for found in (*danger, *ordinary)]
    columns = np.array([place for places in found_in for place in places])
    counts = np.array([len(places) for places in found_in])
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    wanted = np.array([1.0] * len(danger) + [0.0] * len(ordinary))
    # Both kinds count alike, however many sentences there are of each.
    share = np.where(wanted == 1, 0.5 / len(danger), 0.5 / len(ordinary))
    weights, pace, bias, bias_pace = np.zeros(len(names)), np.zeros(len(names)), 0.0, 0.0
    for _ in range(_STEPS):
        score = np.add.reduceat(weights[columns], starts) + bias
        miss = share * (1 / (1 + np.exp(-score)) - wanted)
        slope = np.bincount(columns, weights=np.repeat(miss, counts), minlength=len(names))
        pace = _MOMENTUM * pace + slope + _PENALTY * weights
        bias_pace = _MOMENTUM * bias_pace + float(miss.sum())
        weights, bias = weights - _STEP * pace, bias - _STEP * bias_pace
    rounded = {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)}
    return Likeness(round(bias, 3), {name: weight for name, weight in rounded.items() if weight})


def stored(model: Likeness) -> str:
    """The weights as the text of their file, one a line."""
    return json.dumps({"bias": model.bias, "weights": model.weights}, indent=0, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the weights, or with ``--check`` say whether the file is what training gives (exit code 1: it is not)."""
    parser = argparse.ArgumentParser(prog="python -m bot.risk.train", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, compare")
    parser.add_argument("--to", type=Path, default=WEIGHTS, help="file to write or compare")
    options = parser.parse_args(arguments)
    text = stored(trained(sentences("danger"), sentences("ordinary")))
    if options.check:
        same = options.to.exists() and options.to.read_text(encoding="utf-8") == text
        sys.stdout.write("the weights are up to date\n" if same else "the weights are not what the exemplars give\n")
        return 0 if same else 1
    options.to.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{text.count(chr(10)) - 4} weights, {len(text.encode()) // 1000} kB, to {options.to}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
