"""Learning across queries: from all, to the domain, to the neighbours, each shrunk to the one before (METHOD 6.2).

Per query the value model's parameters are drawn around means: common ones, plus the domain's, plus what the LLM's
ranking says, plus for pair terms what the given answers say (so that plans branch on answers). Means and spreads are
estimated by expectation maximisation (empirical Bayes); what is left over is shared among neighbouring queries by
kriging over embeddings, with a share and a sharpness chosen by marginal likelihood. How much each level counts is
thereby decided by the evidence, not by us.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.raise_core.paths.evidence import ONE_JUDGEMENT, Evidence, judgements, standing
from bot.raise_core.paths.kriging import Kriging, Neighbourhood
from bot.raise_core.paths.rankings import as_logs, joined
from bot.raise_core.paths.sets import Lattice
from bot.raise_core.paths.value import Belief, Floats, Judgements, ValueModel, strength
from bot.raise_core.state import BASELINE, PUBLISHED_GAINS

ROUNDS: Final = 6
"""Rounds of expectation maximisation; more change shares by less than a hundredth."""
USUAL_ROOM: Final = 1.5
_ALIKE: Final = 40
"""How many queries the spread common to all pair terms counts as."""
_OVERLAP, _OVERLAP_SD = 0.0, 0.2
"""Pair terms are small (METHOD 6.1). A set of five holds ten of them: what they are wrongly expected to take away is
put on the strengths instead, which such sets hardly tell apart."""
_CLOSE: Final = frozenset({"mental_health_status", "past_self_harm_history", "emotional_state"})
_CLOSE_OVERLAP, _CLOSE_OVERLAP_SD = -0.5, 0.4
"""These three say much of the same: self-harm and emotion depend on mental health (METHOD section 2), and along the
published path the questions after the first bring little (section 3)."""
_QUERIES_DIFFER: Final = 0.45
"""How much the strength of an attribute differs among queries, as a standard deviation of its logarithm."""
_LEVELS_DIFFER: Final = 0.2
"""The same for the level of all strengths at once."""
_SLOPE, _SLOPE_SD = 0.6, 0.8
"""What one standard score of a ranking adds to a strength, in standard deviations of the strength."""
_RANKING_HOLDS: Final = 0.7
"""Share of what a ranking says beyond the table that is expected to hold."""


@dataclass
class Spread:
    """Variances around the means: of base and room, of strengths (attributes,), of pair terms (pairs,), of one
    judgement; and of the effects of domains (2 + attributes,) and answers."""

    ends: Floats
    strengths: Floats
    etas: Floats
    noise: float
    domains: Floats
    answers: float

    def prior(self) -> Floats:
        return np.concatenate([self.ends, self.strengths, self.etas])


@dataclass
class Means:
    """``common`` (parameters,); per domain (2 + attributes,); ``slope`` of the ranking, in standard scores times the
    first spread of each strength; per answer (pairs,)."""

    common: Floats
    domains: dict[str, Floats]
    slope: float
    answers: dict[tuple[str, str], Floats] = field(default_factory=dict)


def first_guess(lattice: Lattice, table: Mapping[str, float] = PUBLISHED_GAINS) -> tuple[Means, Spread]:
    """Before any evidence: ``table`` (attribute -> points it brings alone) and wide spreads."""
    model = ValueModel(lattice)
    gains = np.array([table.get(name, 0.3) for name in lattice.attributes])
    strengths = strength(gains / USUAL_ROOM)
    close = np.array([name in _CLOSE for name in lattice.attributes])[lattice.pairs].all(axis=1)
    common = np.concatenate([[BASELINE, USUAL_ROOM], strengths, np.where(close, _CLOSE_OVERLAP, _OVERLAP)])
    spread = Spread(
        ends=np.array([0.35**2, 0.35**2]),
        strengths=(0.1 + 0.4 * strengths) ** 2,
        etas=np.where(close, _CLOSE_OVERLAP_SD, _OVERLAP_SD) ** 2,
        noise=ONE_JUDGEMENT,
        domains=np.full(model.before_pairs, 0.2**2),
        answers=0.15**2,
    )
    return Means(common, {}, _SLOPE), spread


def solo_prior(lattice: Lattice, ranking: Mapping[str, float], table: Mapping[str, float] = PUBLISHED_GAINS) -> Belief:
    """What to believe about a query with no planned neighbour: the table, moved towards the LLM's ranking.

    Attributes matter more or less by factors, so both are joined as logarithms; a ranking may come on any scale and is
    first spread as widely as strengths are. The belief has the first two moments of the log-normal that results."""
    means, spread = first_guess(lattice, table)
    model = ValueModel(lattice)
    logs = np.log(means.common[model.strengths])
    holds = _RANKING_HOLDS if ranking else 0.0
    said = as_logs(standing(ranking, lattice), logs, _QUERIES_DIFFER**2) - logs
    doubt = np.diag(np.full(len(logs), _QUERIES_DIFFER**2 * (1.0 - holds))) + _LEVELS_DIFFER**2
    mean, cov = means.common.copy(), np.diag(spread.prior())
    mean[model.strengths] = np.exp(logs + holds * (said - _QUERIES_DIFFER**2 / 2.0))
    around = mean[model.strengths]
    cov[model.strengths, model.strengths] = np.outer(around, around) * np.expm1(doubt)
    return Belief(mean, cov)


class Pool:
    """What a body of evidence teaches about queries to come. Fit once; then pure and safe to share. ``rows`` are the
    places of the evidence that holds judgements; ``told`` is what each says of the strengths, the prior divided out,
    and how noisily, both (rows, attributes)."""

    def __init__(
        self,
        lattice: Lattice,
        evidence: Sequence[Evidence],
        vectors: NDArray[np.float32],
        table: Mapping[str, float] = PUBLISHED_GAINS,
    ) -> None:
        """``vectors`` (evidence, dimensions) embed the queries, rows of length 1; ``table`` is the prior."""
        self.lattice, self.model = lattice, ValueModel(lattice)
        self.means, self.spread = first_guess(lattice, table)
        self._anchor, self._anchor_var = self.means.common.copy(), _anchor_variance(self.model)
        self.rows = usable = [row for row, item in enumerate(evidence) if item.judged]
        self._evidence = [evidence[row] for row in usable]
        self._seen = [judgements(item, lattice) for item in self._evidence]
        ranks = np.array([standing(item.ranking, lattice) for item in self._evidence])
        self._usual = ranks.mean(axis=0) if usable else np.zeros(len(lattice.attributes))
        self._scale = np.sqrt(self.spread.strengths)
        self._ranks = (ranks - self._usual) * self._scale if usable else ranks
        posts: list[Belief] = []
        for _ in range(ROUNDS if usable else 0):
            posts = self._posteriors(posts)
            self._maximise(posts)
        self.near: Neighbourhood | None = None
        self.told = (np.zeros((0, len(self._usual))),) * 2
        if usable:
            self.near = own = self._neighbours(posts, np.asarray(vectors, dtype=np.float64)[usable])
            self.told = self._levels() + own.said, own.noise

    def level(self, domain: str) -> Floats:
        """Strengths (attributes,) to expect in a domain before any neighbour is heard."""
        return self._mean(domain, np.zeros(len(self._usual)), {})[self.model.strengths]

    def among(self, near: Neighbourhood) -> Pool:
        """The same means and spreads with neighbours from elsewhere: from more evidence than was fitted."""
        other = copy(self)
        other.near = near
        return other

    def _posteriors(self, before: Sequence[Belief]) -> list[Belief]:
        cov = np.diag(self.spread.prior())
        posts: list[Belief] = []
        for row, (item, seen) in enumerate(zip(self._evidence, self._seen, strict=True)):
            prior = Belief(self._mean(item.domain, self._ranks[row], item.profile), cov)
            start = before[row].mean if before else None
            scaled = Judgements(seen.bits, seen.scores, seen.noise * (self.spread.noise / ONE_JUDGEMENT))
            posts.append(self.model.update(prior, scaled, start))
        return posts

    def _mean(self, domain: str, rank: Floats, answers: Mapping[str, str]) -> Floats:
        mean = self.means.common.copy()
        if domain in self.means.domains:
            mean[: self.model.before_pairs] += self.means.domains[domain]
        mean[self.model.strengths] += self.means.slope * rank
        mean[self.model.etas] += self.answer_pull(answers)
        return mean

    def answer_pull(self, answers: Mapping[str, str | None]) -> Floats:
        """How given answers move the pair terms (pairs,)."""
        pull = np.zeros(len(self.lattice.pairs))
        for attribute, value in answers.items():
            effect = None if value is None else self.means.answers.get((attribute, value))
            if effect is not None:
                pull += effect
        return pull

    def _maximise(self, posts: Sequence[Belief]) -> None:
        """One M-step: means given the posteriors, then spreads around them."""
        thetas = np.array([post.mean for post in posts])
        doubts = np.array([np.diag(post.cov) for post in posts])
        ends = self.model.before_pairs
        spread, means = self.spread, self.means
        near = np.concatenate([spread.ends, spread.strengths])
        domains = np.array([item.domain for item in self._evidence])
        ranked = np.zeros((len(posts), ends))
        for _ in range(3):
            ranked[:, 2:] = means.slope * self._ranks
            own = np.array([means.domains.get(name, np.zeros(ends)) for name in domains])
            rest = thetas[:, :ends] - own - ranked
            anchor, loose = self._anchor[:ends], self._anchor_var[:ends]
            means.common[:ends] = (rest.sum(0) / near + anchor / loose) / (len(posts) / near + 1 / loose)
            rest += own - means.common[:ends]
            for name in sorted(set(domains)):
                mine = rest[domains == name]
                means.domains[name] = mine.sum(0) / (len(mine) + near / spread.domains)
            rest -= np.array([means.domains[name] for name in domains]) - ranked
            pull = (rest[:, 2:] * self._ranks / spread.strengths).sum() + _SLOPE / _SLOPE_SD**2
            means.slope = float(pull / ((self._ranks**2 / spread.strengths).sum() + 1 / _SLOPE_SD**2))
        self._maximise_pairs(thetas[:, ends:], doubts[:, ends:])
        self._respread(posts, thetas, doubts)

    def _maximise_pairs(self, etas: Floats, doubts: Floats) -> None:
        ends, spread, means = self.model.before_pairs, self.spread, self.means
        pulls = np.array([self.answer_pull(item.profile) for item in self._evidence])
        anchor, loose = self._anchor[ends:], self._anchor_var[ends:]
        total = (etas - pulls).sum(0) / spread.etas + anchor / loose
        means.common[ends:] = total / (len(etas) / spread.etas + 1 / loose)
        # How far each judged pair speaks for itself: 0 where nothing was judged that holds both.
        told = np.clip(1.0 - doubts / spread.etas, 0.0, 1.0)
        rest = etas - pulls - means.common[ends:]
        groups: dict[tuple[str, str], list[int]] = {}
        for row, item in enumerate(self._evidence):
            for attribute, value in item.profile.items():
                if attribute in self.lattice.place:
                    groups.setdefault((attribute, value), []).append(row)
        for (attribute, value), rows in groups.items():
            place = self.lattice.place[attribute]
            touches = (self.lattice.pairs == place).any(axis=1)
            before = means.answers.get((attribute, value), np.zeros(etas.shape[1]))
            weight = told[rows].sum(0)
            step = (rest[rows].sum(0) + weight * before) / (weight + spread.etas / spread.answers)
            means.answers[attribute, value] = np.where(touches, step, 0.0)

    def _respread(self, posts: Sequence[Belief], thetas: Floats, doubts: Floats) -> None:
        spread, ends = self.spread, self.model.before_pairs
        rows = zip(self._evidence, self._ranks, strict=True)
        off = thetas - np.array([self._mean(item.domain, rank, item.profile) for item, rank in rows])
        var = (off**2 + doubts).mean(axis=0)
        spread.ends = np.maximum(var[:2], 0.05**2)
        spread.strengths = np.maximum(var[2:ends], 0.01)
        # Most pairs were judged together too seldom to have a spread of their own.
        usual, count = float(var[ends:].mean()), len(posts)
        spread.etas = np.maximum((count * var[ends:] + _ALIKE * usual) / (count + _ALIKE), 0.1**2)
        effects = np.array(list(self.means.domains.values()))
        spread.domains = np.full(ends, float((effects**2).mean()) + 0.01)
        errors, judged = 0.0, 0
        for seen, post in zip(self._seen, posts, strict=True):
            value, slopes = self.model.linear(post.mean, seen.bits)
            unsure = ((slopes @ post.cov) * slopes).sum(axis=1)
            share = ONE_JUDGEMENT / seen.noise
            errors += float((share * ((seen.scores - value) ** 2 + unsure)).sum())
            judged += len(seen.bits)
        # Many parameters and few judgements: what is left over looks smaller than it is, and is never taken for less
        # than a judge's usual error.
        spread.noise = max(errors / judged, ONE_JUDGEMENT)

    def _neighbours(self, posts: Sequence[Belief], vectors: Floats) -> Kriging:
        strengths = self.model.strengths
        found = np.array([post.mean[strengths] for post in posts])
        doubt = np.array([np.diag(post.cov)[strengths] for post in posts])
        total = self.spread.strengths + self.means.slope**2 * self._ranks.var(axis=0)
        return Kriging(vectors, found - self._levels(), doubt, total)

    def _levels(self) -> Floats:
        return np.array([self.level(item.domain) for item in self._evidence])

    def belief(self, vector: NDArray[np.float32], domain: str, ranking: Mapping[str, float] | None = None) -> Belief:
        """What to expect of a new query: ``vector`` embeds it. With a ``ranking`` it is the prior of a plan."""
        mean = self._mean(domain, np.zeros(len(self._usual)), {})
        var, strengths = self.spread.prior(), self.model.strengths
        if self.near is not None:
            pulled, var[strengths] = self.near.predict(np.asarray(vector, dtype=np.float64))
            mean[strengths] += pulled
        mean = self.model.clipped(mean)
        if not ranking:
            return Belief(mean, np.diag(var))
        cov = np.diag(var)
        mean[strengths], cov[strengths, strengths] = joined(
            mean[strengths], var[strengths], self.level(domain), standing(ranking, self.lattice)
        )
        return Belief(self.model.clipped(mean), cov)


def _anchor_variance(model: ValueModel) -> Floats:
    """How far the common means may lie from the table (variances, parameters)."""
    count = model.before_pairs - 2
    return np.concatenate([[0.5**2, 0.5**2], np.full(count, 0.3**2), np.full(model.size - model.before_pairs, 0.3**2)])
