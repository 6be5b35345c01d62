"""Exemplars are read once: routing fitted anew takes over what it knows, and comes to the same weights."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.embeddings.hashing import HashingEmbedder
from bot.llm.embedder import Vectors
from bot.policy.features import Featurer
from bot.policy.locate import Locator
from bot.policy.schema import Policy
from bot.policy.taught import Taught
from bot.raise_core.agent.reading import Reader
from bot.risk.screen import Screen
from tests.support.policies import shipped

ONE = np.float32(1)


class Counting(HashingEmbedder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().embed(texts)


def few(*more: str, words: tuple[str, ...] = ()) -> Policy:
    """Three exemplars and one word list a domain, so that fitting takes no time."""
    policy = shipped()

    def cut(name: str) -> object:
        domain = policy.domains[name]
        texts = (*domain.routing.exemplars[:3], *(more if name == "career" else ()))
        listed = (*domain.routing.words[:5], *(words if name == "career" else ()))
        return domain.model_copy(
            update={"routing": domain.routing.model_copy(update={"exemplars": texts, "words": listed})}
        )

    none = policy.none.model_copy(update={"exemplars": policy.none.exemplars[:9]})
    return policy.model_copy(update={"domains": {name: cut(name) for name in policy.domains}, "none": none})


@pytest.mark.parametrize("changed", [few("the foreman moved my shifts again?"), few(words=("foreman",)), few()])
def test_what_is_taken_over_changes_nothing(changed: Policy) -> None:
    embedder = HashingEmbedder()
    first = Locator(few("my boss hates the moss"), embedder)
    again, fresh = Locator(changed, embedder, first), Locator(changed, HashingEmbedder())
    for text in ("the foreman moved my shifts", "my boss hates me", "hello", "is there any hope?"):
        assert again.locate(text) == fresh.locate(text)


ENTRIES = st.lists(
    st.sampled_from(
        [
            "mom",
            "mom's",
            "moms",
            "my mom",
            "# cars",
            "stress*",
            "my stress*",
            "^my",
            "hot mom's car",
            "car",
            "st*",
            "?!",
        ]
    ),
    unique=True,
)
TEXTS = [
    "My mom's car",
    "my moms stressed",
    "3 cars of mom",
    "hot mom\u2019s car",
    "stress, my stressor",
    "Nothing",
    "my st",
]


@given(before=ENTRIES, after=ENTRIES)
def test_words_that_change_are_counted_again_wherever_they_matter(before: list[str], after: list[str]) -> None:
    taught = Taught(HashingEmbedder())
    taught.rows(TEXTS, listing(before), ONE)
    again, fresh = taught.rows(TEXTS, listing(after), ONE), Taught(HashingEmbedder()).rows(TEXTS, listing(after), ONE)
    np.testing.assert_array_equal(again.columns, fresh.columns)
    np.testing.assert_array_equal(again.values, fresh.values)


def listing(entries: list[str]) -> Featurer:
    """Reads messages with these words for one domain, others for another."""
    policy = shipped()
    words = {"career": tuple(entries), "education": ("mom of", "nothing")}
    domains = {
        name: policy.domains[name].model_copy(
            update={"routing": policy.domains[name].routing.model_copy(update={"words": listed})}
        )
        for name, listed in words.items()
    }
    none = policy.none.model_copy(update={"errands": {}, "signs": {}})
    return Featurer(policy.model_copy(update={"domains": domains, "none": none}))


def test_only_new_texts_are_embedded() -> None:
    embedder = Counting()
    first = Locator(few(), embedder)
    embedder.asked.clear()
    Locator(few("the foreman moved my shifts again?"), embedder, first)
    assert embedder.asked == ["the foreman moved my shifts again?"]


def test_texts_that_are_gone_are_forgotten_and_their_pieces_too() -> None:
    embedder, featurer = Counting(), Featurer(shipped())
    taught = Taught(embedder)
    taught.rows([f"word{number} and word{number + 1}" for number in range(50)], featurer, ONE)
    kept = taught.rows(["here there", "there"], featurer, ONE)
    again = taught.rows(["here there", "there"], featurer, ONE)
    np.testing.assert_array_equal(kept.values, again.values)
    np.testing.assert_array_equal(kept.columns, again.columns)
    assert len(taught) == 2
    assert taught.pieces < 20
    taught.rows(["word1 and word2", "there"], featurer, ONE)
    assert embedder.asked[-1] == "word1 and word2"


def test_another_embedder_reads_for_itself() -> None:
    first, embedder = Locator(few(), HashingEmbedder()), Counting()
    Locator(few(), embedder, first)
    assert len(embedder.asked) > 20


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("make", [Featurer, Screen, Reader])
def test_what_a_policy_was_compiled_to_is_freed_with_it(make: Callable[[Policy], object]) -> None:
    """Without the collector, from which a reload sets aside what is alive: nothing may hang on in a circle."""
    made = make(shipped())
    if isinstance(made, Featurer):
        made.read(["my", "boss"], asks=False)
    gone = weakref.ref(made)
    del made
    assert gone() is None
