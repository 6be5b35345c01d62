"""The whole bot as what is measured: each scenario is a person who visits the chat page.

Intake, screen, routing, questions, consent, memory and answer are those that serve people; only the model's calls are
recorded, so that a run can go on, and the stores are in memory, so that nobody is remembered from one scenario to the
next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from bot.assembly import stores
from bot.assembly.application import application
from bot.assembly.rulebook import Rulebook
from bot.clock import SystemClock
from bot.conversation.speaking import OFFLINE
from bot.errors import InputError, MalformedReply, ProviderDeclined, ProviderError, ProviderTimeout
from bot.evaluation.penguin.dataset import Scenario
from bot.evaluation.penguin.examiner import Reply, Respondent
from bot.evaluation.penguin.modes import Kind, Mode, User
from bot.evaluation.penguin.results import ASTRAY, CLEAR, CRISIS
from bot.llm import Chunk, Prompt, Structured, Usage
from bot.llm import Reply as Written
from bot.llm.paid import Paid
from bot.llm.provider import Shape
from bot.profile.erasure import Holding
from bot.raise_core.agent.question import SKIP
from bot.raise_core.paths.gains import EvidenceSource
from bot.settings import Settings
from bot.telemetry.logs import silent

if TYPE_CHECKING:
    from adapters.web.visitor import Seen, Visitor

_MOST_TURNS: Final = 24
"""More than any policy's limit of questions, each with its consent."""
_UNLIMITED: Final = 1e9
_UNKNOWN: Final = Usage(calls=0, usd=None)
MODES: Final = (Kind.RAISE, Kind.CONTEXT_FREE)


class PaidProvider:
    """A model whose calls are recorded, as the bot's provider. ``problems`` are failures that say nothing about the
    model's answers: outages, a spent budget, a turn whose time was over."""

    def __init__(self, paid: Paid, name: str) -> None:
        self._paid, self._name = paid, name
        self.problems: list[ProviderError] = []

    @property
    def name(self) -> str:
        return self._name

    async def complete(self, prompt: Prompt) -> Written:
        with self._noticed():
            return await self._paid.complete(prompt)

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk | Written]:
        """All at once: what was recorded has no pieces."""
        written = await self.complete(prompt)
        yield Chunk(written.text)
        yield written

    async def structured(self, prompt: Prompt, shape: type[Shape]) -> Structured[Shape]:
        with self._noticed():
            return await self._paid.structured(prompt, shape)

    async def close(self) -> None:
        """Nothing to let go: whoever made the model closes it."""

    @contextmanager
    def _noticed(self) -> Iterator[None]:
        try:
            yield
        except (MalformedReply, ProviderDeclined):
            raise
        except ProviderError as problem:
            self.problems.append(problem)
            raise
        except asyncio.CancelledError:
            self.problems.append(ProviderTimeout("the time of a turn was over before the model had answered"))
            raise


class Deployed:
    """Implements :class:`~bot.evaluation.penguin.examiner.Respondent` over the whole bot.

    What a made-up person cannot see is not attributed: the cost of single answers is unknown here, the run's total is
    known."""

    def __init__(
        self,
        visitor: Visitor,
        model: PaidProvider,
        forget: Callable[[str], Awaitable[object]],
        decline: float,
        seed: int,
    ) -> None:
        self._visitor, self._model, self._forget = visitor, model, forget
        self._decline, self._seed = decline, seed

    async def reply(self, scenario: Scenario, mode: Mode) -> Reply:
        """See the port. Whoever is CONTEXT_FREE passes over every question."""
        name, before = f"{scenario.id[:24]}-{mode.name}", len(self._model.problems)
        user = User(scenario, 1.0 if mode.kind is Kind.CONTEXT_FREE else self._decline, self._seed)
        try:
            reply = await self._talk(name, user)
        finally:
            # Nobody is met twice, and memory stays flat.
            await self._forget(name)
        if len(self._model.problems) > before:
            # A prepared answer may have stood in for the model's: this scenario is measured another time.
            raise self._model.problems[-1]
        return reply

    async def _talk(self, name: str, user: User) -> Reply:
        asked: list[str] = []
        shown = await self._visitor.say(name, user.scenario.query)
        for _ in range(_MOST_TURNS):
            question = next((item for item in reversed(shown) if item.kind == "question" and item.open), None)
            if question is None or any(item.kind in ("answer", "crisis") for item in shown):
                break
            asked.append(question.attribute)
            shown = await self._answer(name, user, question)
        return _reply(tuple(dict.fromkeys(asked)), shown)

    async def _answer(self, name: str, user: User, question: Seen) -> list[Seen]:
        attribute = question.attribute
        value, bucket = user.answer(attribute), user.scenario.buckets.get(attribute)
        if value is None:
            return await self._visitor.choose(name, f"{attribute}:{SKIP}", question.id)
        if (choice := f"{attribute}:{bucket}") in question.choices:
            return await self._visitor.choose(name, choice, question.id)
        return await self._visitor.say(name, value)


def _reply(asked: tuple[str, ...], shown: Sequence[Seen]) -> Reply:
    """What the person got in the end: the answer, else the crisis reply, which is one too."""
    for kind in ("answer", "crisis"):
        for item in reversed(shown):
            if item.kind == kind:
                failure = "" if item.whole and item.text.strip() else "the answer was cut off before its end"
                failure = "the bot gave a prepared answer" if item.model == OFFLINE else failure
                return Reply(asked, item.used, item.text, failure, _UNKNOWN, "" if asked else _unasked(item))
    return Reply(asked, (), failure="the bot gave no answer", usage=_UNKNOWN)


def _unasked(item: Seen) -> str:
    """Why there was no question before this, see Result."""
    if item.kind == "crisis":
        return CRISIS
    return CLEAR if item.domain else ASTRAY


def check_modes(modes: Sequence[Mode]) -> None:
    """The whole bot decides by itself what it asks. Raises InputError for modes that would tell it."""
    others = [mode.name for mode in modes if mode.kind not in MODES or mode.limit is not None]
    if others:
        raise InputError(
            f"expected --modes {' or '.join(MODES)} with --target deployed (the bot decides what it asks; context-free "
            f"people pass over every question), got {', '.join(others)}"
        )


@asynccontextmanager
async def deployed(
    settings: Settings, paid: Paid, name: str, evidence: EvidenceSource | None, decline: float, seed: int
) -> AsyncIterator[Respondent]:
    """The running bot behind its chat page on a free port of this machine. Raises PlatformError, PolicyError."""
    from adapters.web.limits import Rate
    from adapters.web.platform import WebPlatform
    from adapters.web.server import Address, WebApp
    from adapters.web.visitor import Visitor

    clock, model = SystemClock(), PaidProvider(paid, name)
    platform = WebPlatform(clock)
    book = Rulebook.of(settings, model_reads=True)
    book.learn(evidence)
    async with (
        stores.in_memory(clock) as kept,
        application(
            settings,
            [platform],
            clock=clock,
            telemetry=silent(),
            provider=model,
            rulebook=book,
            also_erased=[Holding("pages", platform)],
            kept=kept,
        ) as app,
    ):
        web = WebApp(platform, app.intake, clock, Address(port=0), rate=Rate(_UNLIMITED, _UNLIMITED))
        url = await web.start()
        try:
            async with Visitor(url, app.intake.finished) as visitor:
                forget = lambda user: app.forget(platform.person(user))  # noqa: E731 - named for who reads the call
                yield Deployed(visitor, model, forget, decline, seed)
        finally:
            await web.stop()
