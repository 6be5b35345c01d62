"""The policy language: what an operator may write, key by key. Unknown keys are errors.

Schema version 1. Wording here is English; translations live in ``policies/locales`` under the same ids.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from bot.policy.base import Duration, Gain, Identifier, Model, Part, Percent, Price, Share, Words
from bot.policy.cases import CasesPolicy
from bot.policy.places import Places
from bot.policy.risks import OnFailure as OnFailure
from bot.policy.risks import RiskPolicy as RiskPolicy
from bot.policy.risks import RiskRule as RiskRule
from bot.policy.risks import RuleStatus as RuleStatus
from bot.profile.attributes import Scope, Sensitivity
from bot.severity import Category


class ChoicePolicy(Part):
    """One answer offered for an attribute."""

    id: Words = Field(description="the value it stands for; the ten attributes' values are fixed")
    label: Words = Field(description="what the button says")
    words: tuple[Words, ...] = Field(default=(), description="replies that mean this, when the question is open")
    cues: tuple[Words, ...] = Field(
        default=(), description="phrases that reveal this value unasked, such as 'i am divorced'"
    )


class AttributePolicy(Part):
    """How one background attribute is asked for, kept and priced everywhere (a domain may override)."""

    label: Words = Field(description="what the attribute is called in front of people")
    sensitivity: Sensitivity = Field(description="sensitive: consent first, asked in private; personal: in private")
    scope: Scope = Field(default=Scope.CONVERSATION, description="how far a value reaches before its time is up")
    price: Price
    answer_chance: Share = Field(default=0.8, description="how likely a person is to answer when asked")
    question: Words = Field(description="how it is asked: short, warm, plain")
    reason: Words = Field(description="shown for 'Why do you ask?'")
    choices: tuple[ChoicePolicy, ...] = Field(default=(), description="the buttons; none for free text")
    free_text: bool = Field(default=True, strict=True, description="whether a reply in one's own words is welcome")


class DomainAttribute(Part):
    """What one attribute is worth in one domain. Absent wording falls back to the catalogue of defaults.yaml."""

    gain: Gain
    price: Price | None = Field(default=None, description="overrides the price of the defaults")
    answer_chance: Share | None = Field(default=None, description="overrides the chance of an answer")
    question: Words | None = Field(default=None, description="how it is asked in this domain")
    reason: Words | None = Field(default=None, description="why it is asked in this domain")


class Modulation(Part):
    """Answers change what is worth asking next: when ``attribute`` has one of ``values``, ``target``'s gain is
    multiplied by ``factor``."""

    attribute: Identifier = Field(description="the attribute whose answer matters")
    values: tuple[Words, ...] = Field(description="ids of its choices")
    target: Identifier = Field(description="the attribute that becomes more or less worth asking")
    factor: Annotated[float, Field(strict=True, ge=0, le=3, description="what its gain is multiplied by")]


class Routing(Part):
    """What sends a message to a domain.

    A word may end in ``*`` (``exam*``: any ending); a phrase has at most four words, and the last may end in ``*``;
    ``^`` in front ties it to the beginning of the message.
    """

    exemplars: tuple[Words, ...] = Field(min_length=3, description="messages that belong here")
    words: tuple[Words, ...] = Field(default=(), description="words and short phrases that speak for this domain")


class OfflinePoint(Part):
    """A paragraph of the offline answer, shown when every condition holds (all known values in the given sets)."""

    when: dict[Identifier, tuple[Words, ...]] = Field(
        default_factory=dict, description="attribute -> values, all of which must be known; none: always"
    )
    text: Words = Field(description="the paragraph")


class Offline(Part):
    """Templates for when no model is there: an opening, the points that fit, a closing."""

    opening: Words = Field(description="the first paragraph")
    points: tuple[OfflinePoint, ...] = Field(description="paragraphs in order, each with its condition")
    closing: Words = Field(description="the last paragraph")


class OrdinaryTalk(Part):
    """domains/none.yaml: talk that belongs to no domain, and the words that tell a person in trouble from an errand.

    How much each named list speaks for what is learned from all exemplars. Syntax of words: as in Routing.
    """

    exemplars: tuple[Words, ...] = Field(min_length=3, description="messages that belong to no domain")
    errands: dict[Identifier, tuple[Words, ...]] = Field(
        default_factory=dict,
        description="named lists of words of errands; they compete with the words of the domains, the longest wins",
    )
    signs: dict[Identifier, tuple[Words, ...]] = Field(
        default_factory=dict,
        description="named lists of words for how and of what people speak; counted beside all others",
    )


class DomainPolicy(Part):
    """One of the domains: when a message belongs to it, what is worth knowing, how to answer."""

    id: Identifier = Field(description="the name of the domain, and of its file")
    title: Words = Field(description="what operators read")
    description: Words = Field(description="one sentence: what belongs here")
    routing: Routing = Field(description="which messages belong here")
    attributes: dict[Identifier, DomainAttribute] = Field(description="what is worth knowing here")
    modulations: tuple[Modulation, ...] = Field(default=(), description="how answers change what is worth asking")
    guidance: tuple[Words, ...] = Field(description="instructions for the model when it answers in this domain")
    offline: Offline = Field(description="the answer where no model is connected")
    questions: Annotated[int, Field(strict=True, ge=0, le=10)] | None = Field(
        default=None, description="overrides budget.questions"
    )
    never_ask: tuple[Identifier, ...] = Field(
        default=(), description="attributes not asked for here, though used where people tell them"
    )
    model: Model | None = Field(
        default=None, description="the model that writes the answers here, such as openai:gpt-5"
    )


class AbstentionMode(StrEnum):
    """Who decides that enough is known: the plan (gain against price), the model (completeness 0-5), or both."""

    PLANNED = "planned"
    MODEL = "model"
    BOTH = "both"


class Abstention(Part):
    mode: AbstentionMode = Field(default=AbstentionMode.PLANNED, description="who decides that enough is known")
    threshold: Annotated[float, Field(strict=True, ge=0, le=5)] = Field(
        default=4, description="completeness (0-5) from which the model's word counts as enough"
    )
    price_growth: Annotated[float, Field(strict=True, ge=0, le=5)] = Field(
        default=0.5, description="each question already asked raises the price of the next by this share"
    )


class Budget(Part):
    """Hard limits of one turn and one query."""

    questions: Annotated[int, Field(strict=True, ge=0, le=10, description="most questions about one query")] = 3
    model_calls: Annotated[int, Field(strict=True, ge=0, le=20, description="most calls of a model in one turn")] = 4
    answer_tokens: Annotated[int, Field(strict=True, ge=64, le=8192, description="longest answer, in tokens")] = 900
    deadline: Duration = Field(default="60s", description="longest time one turn may take")


class Retention(Part):
    """How long a value may be kept by sensitivity, and how long an idle conversation stays open. The deployer's floor
    and ceiling clamp these."""

    ordinary: Duration = Field(default="30d", description="how long ordinary values are kept")
    personal: Duration = Field(default="7d", description="how long personal values are kept")
    sensitive: Duration = Field(default="24h", description="how long sensitive values are kept")
    conversation: Duration = Field(default="2h", description="how long an idle conversation stays open")


class CrisisPolicy(Part):
    cooldown: Duration = Field(default="30m", description="the same resources are not shown again within this time")


class RoutingPolicy(Part):
    floor: Share = Field(default=0.3, description="below this score a message belongs to no domain")
    margin: Share = Field(default=0.02, description="how far the best domain must lead")


class Defaults(Part):
    """defaults.yaml: what holds everywhere unless a domain says otherwise."""

    attributes: dict[Identifier, AttributePolicy] = Field(description="all ten attributes, and your own")
    budget: Budget = Field(default=Budget(), description="hard limits")
    abstention: Abstention = Field(default=Abstention(), description="when to stop asking")
    retention: Retention = Field(default=Retention(), description="how long things are kept")
    crisis: CrisisPolicy = Field(default=CrisisPolicy(), description="how crisis resources are shown")
    routing: RoutingPolicy = Field(default=RoutingPolicy(), description="when a message belongs to a domain")
    guidance: tuple[Words, ...] = Field(description="instructions for the model in every answer")
    general: Offline = Field(description="offline templates for messages outside all domains")


class ResourcePolicy(Part):
    """One line or service. ``verified_on`` is written only by a person who checked it; otherwise null."""

    name: Words = Field(description="what it is called where people live")
    categories: tuple[Category, ...] = Field(description="what it helps with")
    call: Words | None = Field(default=None, description="number to call")
    text: Words | None = Field(default=None, description="number to text")
    web: Words | None = Field(default=None, description="address of its page")
    hours: str = Field(default="", description="when, for whom and in which language")
    source: Words = Field(description="where the number was taken from")
    verified_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = Field(
        default=None, description="the day a person checked it; null: nobody has"
    )


class Country(Part):
    emergency: Words = Field(description="the emergency number")
    resources: tuple[ResourcePolicy, ...] = Field(description="lines and services, the first offered first")


class Resources(Part):
    """resources/*.yaml: help by country (ISO 3166 alpha-2), and what to show where the country is unknown."""

    countries: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], Country] = Field(description="help by country")
    fallback: tuple[ResourcePolicy, ...] = Field(
        description="shown where the country is unknown: worldwide directories"
    )
    locale_countries: dict[str, Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = Field(
        default_factory=dict, description="country to assume for a bare language where one is safe to assume"
    )


class Locale(Part):
    """locales/*.yaml: the bot's own phrases by id; English is complete and the fallback of every other."""

    locale: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="the language, and name of the file")]
    phrases: dict[str, str] = Field(description="phrase id -> text; {braces} are filled in by the code")


class NextVersion(Part):
    """A new version of the whole policy, tried on a part of the people."""

    folder: Identifier = Field(description="a folder in this one, with an index.yaml and all files of its own")
    share: Percent = Field(description="how many of the people it decides for; the same ones at every message")

    @property
    def portion(self) -> float:
        """The share, 0 to 1."""
        return int(self.share.rstrip("%")) / 100


class Index(Part):
    """index.yaml: the explicit list of files; nothing is found by walking folders and nothing is merged."""

    schema_version: Literal[1] = Field(description="version of this language")
    title: Words = Field(description="what operators call this policy")
    defaults: Words = Field(description="file of what holds everywhere")
    domains: tuple[Words, ...] = Field(description="files of the domains")
    none: Words = Field(description="file of what belongs to no domain")
    risk: tuple[Words, ...] = Field(description="files of the risk categories")
    resources: Words = Field(description="file of crisis resources")
    locales: tuple[Words, ...] = Field(description="files of the bot's own phrases")
    cases: Words | None = Field(default=None, description="file of how the review desk works; none: as by default")
    places: Words | None = Field(default=None, description="file of what is different in single places")
    tests: tuple[Words, ...] = Field(
        default=(), description="files of tests; `policy test` runs them, nothing else does"
    )
    next: NextVersion | None = Field(default=None, description="a new version, tried on a part of the people")


class Policy(Part):
    """A whole policy, loaded and cross-checked. ``id`` is a hash of the content: the same files, the same id."""

    id: str
    index: Index
    defaults: Defaults
    domains: dict[str, DomainPolicy]
    none: OrdinaryTalk
    risk: dict[Category, RiskPolicy]
    resources: Resources
    locales: dict[str, Locale]
    cases: CasesPolicy = CasesPolicy()
    places: Places = Places()
    next: Policy | None = None
    """The new version that ``index.next`` names; it has none itself."""
