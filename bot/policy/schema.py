"""The policy language: what an operator may write, key by key. Unknown keys are errors.

Schema version 1. Wording here is English; translations live in ``policies/locales`` under the same ids.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.profile.attributes import Scope, Sensitivity
from bot.severity import Category, Severity, Subject

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Gain = Annotated[float, Field(ge=0, le=4, description="expected rise of the safety score, in points of the 1-5 scale")]
Price = Annotated[float, Field(ge=0, le=4, description="what asking costs, in the same points")]
Share = Annotated[float, Field(ge=0, le=1)]
Duration = Annotated[str, Field(pattern=r"^[1-9][0-9]*(s|m|h|d)$", description="such as 30m, 24h, 7d")]


class Part(BaseModel):
    """Base of every part of a policy: frozen, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ChoicePolicy(Part):
    """One answer offered for an attribute."""

    id: Words = Field(description="the bucket it stands for, as in the catalogue (METHOD section 2)")
    label: Words = Field(description="what the button says")
    words: tuple[Words, ...] = Field(default=(), description="replies that mean this, when the question is open")
    cues: tuple[Words, ...] = Field(
        default=(), description="phrases that reveal this value unasked, such as 'i am divorced'"
    )


class AttributePolicy(Part):
    """How one background attribute is asked for, kept and priced everywhere (a domain may override)."""

    label: Words
    sensitivity: Sensitivity
    scope: Scope = Scope.CONVERSATION
    price: Price
    answer_chance: Share = Field(default=0.8, description="how likely a person is to answer when asked")
    question: Words
    reason: Words = Field(description="shown for 'Why do you ask?'")
    choices: tuple[ChoicePolicy, ...] = ()
    free_text: bool = Field(default=True, description="whether a reply in one's own words is welcome")


class DomainAttribute(Part):
    """What one attribute is worth in one domain. Absent wording falls back to the catalogue of defaults.yaml."""

    gain: Gain
    price: Price | None = None
    answer_chance: Share | None = None
    question: Words | None = None
    reason: Words | None = None


class Modulation(Part):
    """Answers change what is worth asking next: when ``attribute`` has one of ``values``, ``target``'s gain is
    multiplied by ``factor``."""

    attribute: Identifier
    values: tuple[Words, ...]
    target: Identifier
    factor: Annotated[float, Field(ge=0, le=3)]


class Routing(Part):
    """What sends a message to a domain.

    A word may end in ``*`` (``exam*``: any ending); a phrase has at most four words, and the last may end in ``*``;
    ``^`` in front ties it to the beginning of the message.
    """

    exemplars: tuple[Words, ...] = Field(min_length=3)
    words: tuple[Words, ...] = ()


class OfflinePoint(Part):
    """A paragraph of the offline answer, shown when every condition holds (all known values in the given sets)."""

    when: dict[Identifier, tuple[Words, ...]] = Field(default_factory=dict)
    text: Words


class Offline(Part):
    """Templates for when no model is there: an opening, the points that fit, a closing."""

    opening: Words
    points: tuple[OfflinePoint, ...]
    closing: Words


class OrdinaryTalk(Part):
    """domains/none.yaml: talk that belongs to no domain, and the signs that tell a person in trouble from an errand."""

    exemplars: tuple[Words, ...] = Field(min_length=3)
    signs: dict[Identifier, tuple[Words, ...]] = Field(
        default_factory=dict,
        description="named lists of words, as in Routing; how much each list speaks for an errand or for a person in "
        "trouble is learned from all exemplars",
    )


class DomainPolicy(Part):
    """One of the domains: when a message belongs to it, what is worth knowing, how to answer."""

    id: Identifier
    title: Words
    description: Words
    routing: Routing
    attributes: dict[Identifier, DomainAttribute]
    modulations: tuple[Modulation, ...] = ()
    guidance: tuple[Words, ...] = Field(description="instructions for the model when it answers in this domain")
    offline: Offline
    questions: Annotated[int, Field(ge=0, le=10)] | None = Field(default=None, description="overrides budget.questions")


class AbstentionMode(StrEnum):
    """Who decides that enough is known: the plan (gain against price), the model (completeness 0-5), or both."""

    PLANNED = "planned"
    MODEL = "model"
    BOTH = "both"


class Abstention(Part):
    mode: AbstentionMode = AbstentionMode.PLANNED
    threshold: Annotated[float, Field(ge=0, le=5)] = Field(
        default=4, description="completeness (0-5) from which the model's word counts as enough"
    )
    price_growth: Annotated[float, Field(ge=0, le=5)] = Field(
        default=0.5, description="each question already asked raises the price of the next by this share"
    )


class Budget(Part):
    """Hard limits of one turn and one query."""

    questions: Annotated[int, Field(ge=0, le=10)] = 3
    model_calls: Annotated[int, Field(ge=0, le=20)] = 4
    answer_tokens: Annotated[int, Field(ge=64, le=8192)] = 900
    deadline: Duration = "60s"


class Retention(Part):
    """How long a value may be kept by sensitivity, and how long an idle conversation stays open. The deployer's floor
    and ceiling clamp these."""

    ordinary: Duration = "30d"
    personal: Duration = "7d"
    sensitive: Duration = "24h"
    conversation: Duration = "2h"


class CrisisPolicy(Part):
    cooldown: Duration = Field(default="30m", description="the same resources are not shown again within this time")


class RoutingPolicy(Part):
    floor: Share = Field(default=0.3, description="below this score a message belongs to no domain")
    margin: Share = Field(default=0.02, description="how far the best domain must lead")


class Defaults(Part):
    """defaults.yaml: what holds everywhere unless a domain says otherwise."""

    attributes: dict[Identifier, AttributePolicy]
    budget: Budget = Budget()
    abstention: Abstention = Abstention()
    retention: Retention = Retention()
    crisis: CrisisPolicy = CrisisPolicy()
    routing: RoutingPolicy = RoutingPolicy()
    guidance: tuple[Words, ...] = Field(description="instructions for the model in every answer")
    general: Offline = Field(description="offline templates for messages outside all domains")
    small_talk: tuple[Words, ...] = Field(
        default=(), description="exemplars of ordinary talk that belongs to no domain, to keep routing honest"
    )


class RiskRule(Part):
    """One rule of the screen. A phrase may use ``*`` for up to three words (never a negation), ``(a|b)`` for either,
    ``[x]`` for optional and ``{name}`` for any of the file's ``terms``.
    Applied to normalised text (lower case, spacing, leetspeak and common misspellings undone)."""

    id: Identifier
    severity: Severity
    subject: Subject = Subject.SELF
    score: Annotated[float, Field(gt=0, le=10)] = 1.0
    phrases: tuple[Words, ...] = ()
    needs: tuple[Words, ...] = Field(default=(), description="phrases, one of which must stand in the same message")
    unless: tuple[Words, ...] = Field(
        default=(), description="phrases that show, in the same sentence, that it is figurative, past or harmless"
    )
    exemplars: tuple[Words, ...] = Field(default=(), description="messages this rule must catch (tested)")
    counter_exemplars: tuple[Words, ...] = Field(default=(), description="messages it must leave alone (tested)")
    why: Words = Field(description="shown to moderators: why this was flagged")


class OnFailure(StrEnum):
    """What happens to a category when a classifier fails: treat as risk, or let pass but flag for people."""

    CLOSED = "closed"
    FLAG = "flag"


class RiskPolicy(Part):
    """One category of risk."""

    category: Category
    title: Words
    on_failure: OnFailure
    half_life: Duration = Field(default="6h", description="how fast a score built up over a conversation fades")
    escalate_at: dict[Severity, float] = Field(
        default_factory=dict, description="accumulated score from which a conversation counts as this severity"
    )
    terms: dict[Identifier, tuple[Words, ...]] = Field(
        default_factory=dict, description="named lists of phrases, used in the phrases of the rules as {name}"
    )
    rules: tuple[RiskRule, ...]


class ResourcePolicy(Part):
    """One line or service. ``verified_on`` is written only by a person who checked it; otherwise null."""

    name: Words
    categories: tuple[Category, ...]
    call: Words | None = None
    text: Words | None = None
    web: Words | None = None
    hours: str = ""
    source: Words = Field(description="where the number was taken from")
    verified_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


class Country(Part):
    emergency: Words = Field(description="the emergency number")
    resources: tuple[ResourcePolicy, ...]


class Resources(Part):
    """resources/*.yaml: help by country (ISO 3166 alpha-2), and what to show where the country is unknown."""

    countries: dict[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], Country]
    fallback: tuple[ResourcePolicy, ...]
    locale_countries: dict[str, Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = Field(
        default_factory=dict, description="country to assume for a bare language where one is safe to assume"
    )


class Locale(Part):
    """locales/*.yaml: the bot's own phrases by id; English is complete and the fallback of every other."""

    locale: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
    phrases: dict[str, str]


class Index(Part):
    """index.yaml: the explicit list of files; nothing is found by walking folders and nothing is merged."""

    schema_version: Literal[1]
    title: Words
    defaults: Words
    domains: tuple[Words, ...]
    none: Words | None = Field(default=None, description="file of what belongs to no domain")
    risk: tuple[Words, ...]
    resources: Words
    locales: tuple[Words, ...]


class Policy(Part):
    """A whole policy, loaded and cross-checked. ``id`` is a hash of the content: the same files, the same id."""

    id: str
    index: Index
    defaults: Defaults
    domains: dict[str, DomainPolicy]
    none: OrdinaryTalk | None = None
    risk: dict[Category, RiskPolicy]
    resources: Resources
    locales: dict[str, Locale]
