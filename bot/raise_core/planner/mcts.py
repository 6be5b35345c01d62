"""Algorithm 1 as published (METHOD section 4), and the tree search of the released code with its depth mended.

Both search a tree over orders of attributes and reward only full paths of k attributes. They are what users compare
with; ``lattice`` is what to use.

How Algorithm 1 is read: its state is written as the set U, but its search is a tree of actions, whose visits N and
values Q belong to a node that one order of questions leads to. METHOD 6.1 takes it so ("a tree over orders wastes its
visits"), and the figures of its prototype (300 calls: regret 0.101 at k = 3, 0.239 at k = 5) are those of such a tree.
Sharing N and Q among all orders of a set is what ``lattice`` takes further, and is not part of the published search.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from bot.raise_core.planner.judging import Desk
from bot.raise_core.planner.strategy import Plan, Problem


@dataclass(slots=True)
class Node:
    """One order of attributes so far: ``visits`` N and mean reward ``value`` Q, with a child per attribute tried."""

    visits: int = 0
    value: float = 0.0
    children: dict[int, Node] = field(default_factory=dict)

    def learn(self, reward: float) -> None:
        self.visits += 1
        self.value += (reward - self.value) / self.visits


def scaled(score: float) -> float:
    """A 1-5 score as a reward from 0 to 1, the range that PUCT's constant is meant for."""
    return (score - 1.0) / 4.0


@dataclass(frozen=True, slots=True)
class MctsStrategy:
    """Algorithm 1: Score(a) = Q(U+a) + c * prior(a|q,U) * sqrt(sum N) / (1 + N_a), ties to the higher prior.

    ``budget`` is T, the number of rollouts. The square root is taken of the visits of U's children (AlphaZero's PUCT;
    the text of the paper lost the root). Before any visit the prior alone decides. The path is read off by most visits,
    as AlphaZero does; the paper does not say."""

    c: float = 1.0

    async def plan(self, problem: Problem, desk: Desk) -> Plan:
        root, prior = Node(), _prior(problem, desk)
        for _ in range(problem.budget):
            trail, places = self.descend(root, prior, problem.k)
            score = (await desk.score([_bits(places)]))[0]
            if score is not None:
                for node in trail:
                    node.learn(scaled(score))
        path = read_off(root, problem.k, lambda node: node.visits, prior)
        return Plan(tuple(desk.lattice.attributes[place] for place in path), None, problem.budget)

    def descend(self, root: Node, prior: list[float], k: int) -> tuple[list[Node], list[int]]:
        """One selection from the root to a full path: the nodes on it, the root included, and the places chosen."""
        node, trail, places = root, [root], list[int]()
        while len(places) < min(k, len(prior)):
            place = max(
                (each for each in range(len(prior)) if each not in places),
                key=self._scores(node, prior, places),
            )
            node = node.children.setdefault(place, Node())
            trail.append(node)
            places.append(place)
        return trail, places

    def _scores(self, node: Node, prior: list[float], taken: list[int]) -> Callable[[int], tuple[float, float]]:
        share = 1.0 - sum(prior[place] for place in taken)
        explore = self.c / max(share, 1e-9) * math.sqrt(sum(child.visits for child in node.children.values()))

        def score(place: int) -> tuple[float, float]:
            child = node.children.get(place)
            if child is None:
                return explore * prior[place], prior[place]
            return child.value + explore * prior[place] / (1 + child.visits), prior[place]

        return score


@dataclass(frozen=True, slots=True)
class UctStrategy:
    """Plain UCT as in the released code: expand one child, fill up at random, judge, learn. There rollouts ignored the
    depth and rewarded sets larger than the budget; here a full path has k attributes."""

    c: float = 1.4

    async def plan(self, problem: Problem, desk: Desk) -> Plan:
        root, rng = Node(), Random(problem.seed)
        count = len(desk.lattice.attributes)
        k = min(problem.k, count)
        for _ in range(problem.budget):
            node, trail, places = root, [root], list[int]()
            while len(places) < k:
                unused = [place for place in range(count) if place not in places]
                fresh = [place for place in unused if place not in node.children]
                place = rng.choice(fresh) if fresh else max(unused, key=self._scores(node))
                node = node.children.setdefault(place, Node())
                trail.append(node)
                places.append(place)
                if fresh:
                    break
            rest = [place for place in range(count) if place not in places]
            score = (await desk.score([_bits(places + rng.sample(rest, k - len(places)))]))[0]
            if score is not None:
                for node in trail:
                    node.learn(scaled(score))
        path = read_off(root, k, lambda node: node.value, [0.0] * count)
        return Plan(tuple(desk.lattice.attributes[place] for place in path), None, problem.budget)

    def _scores(self, node: Node) -> Callable[[int], float]:
        logs = math.log(node.visits + 1)

        def score(place: int) -> float:
            child = node.children[place]
            return child.value + self.c * math.sqrt(logs / child.visits) if child.visits else math.inf

        return score


def read_off(root: Node, k: int, worth: Callable[[Node], float], prior: list[float]) -> list[int]:
    """The path that follows the best child at each step; where the tree ends, the highest prior goes on."""
    node: Node | None = root
    path: list[int] = []
    while len(path) < min(k, len(prior)):
        tried = {place: child for place, child in (node.children if node else {}).items() if child.visits}
        if tried:
            place = max(tried, key=lambda each: (worth(tried[each]), prior[each]))
        else:
            place = max((each for each in range(len(prior)) if each not in path), key=lambda each: prior[each])
        path.append(place)
        node = tried.get(place)
    return path


def _prior(problem: Problem, desk: Desk) -> list[float]:
    weights = [problem.ranking.get(name, 0.0) for name in desk.lattice.attributes]
    total = sum(weights)
    return [weight / total for weight in weights] if total > 0 else [1.0 / len(weights)] * len(weights)


def _bits(places: list[int]) -> int:
    return sum(1 << place for place in places)
