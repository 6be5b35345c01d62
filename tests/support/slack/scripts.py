"""Scripts for the scripted core: the shortest conversations that touch every kind of message."""

from __future__ import annotations

from bot.chat import (
    Answer,
    Choice,
    ChoiceKind,
    Chose,
    Command,
    Crisis,
    Inbound,
    Notice,
    Outbound,
    Platform,
    Question,
    Resource,
    Said,
    Stopped,
    Verb,
)
from bot.identity import DIRECT, Space
from bot.private import Private
from tests.support.slack.intake import Turn

LINES = Crisis(
    "It sounds as if you are in great pain, and I'm glad you told me. You can call or text 988 right now.",
    (Resource("Lifeline", "US", call="988", text="988", web="https://988lifeline.org", hours="day and night"),),
    "self_harm",
)


def question(attribute: str = "age", *, private: bool = False) -> Question:
    return Question(
        attribute,
        f"May I ask about your {attribute}?",
        (
            Choice(f"{attribute}:young", "Under 30"),
            Choice(f"{attribute}:old", "30 or over"),
            Choice(f"{attribute}:skip", "Skip", ChoiceKind.SKIP),
            Choice(f"{attribute}:why", "Why do you ask?", ChoiceKind.WHY),
            Choice(f"{attribute}:stop", "Stop asking", ChoiceKind.STOP),
        ),
        private,
        "It helps me to give advice that fits.",
    )


def answer(text: str, *used: str) -> Answer:
    return Answer(Private(text), used, tuple(name.title() for name in used), "life", "scripted")


def outbound(inbound: Inbound, name: str, body: Question | Answer | Crisis | Notice, space: Space) -> Outbound:
    return Outbound(f"{inbound.turn_id}:{name}", inbound.person, space, body, inbound.turn_id, inbound.locale)


async def say(turn: Turn, name: str, body: Question | Crisis | Notice, space: Space | None = None) -> None:
    where = turn.inbound.space if space is None else space
    await turn.step(name, lambda: turn.platform.deliver(outbound(turn.inbound, name, body, where)))


async def stream(turn: Turn, text: str, *used: str, space: Space | None = None, pieces: int = 5) -> None:
    """Stream an answer in some pieces."""
    where = turn.inbound.space if space is None else space
    whole = answer(text, *used)

    async def write() -> object:
        size = max(1, len(text) // pieces)
        async with turn.platform.stream(outbound(turn.inbound, "answer", answer("", *used), where)) as growing:
            for start in range(0, len(text), size):
                await growing.append(text[start : start + size])
            return await growing.finish(whole)

    await turn.step("answer", write)


async def friendly(turn: Turn) -> None:
    """Asks one question about whatever is said (in private when it is said to be sensitive), and answers the reply."""
    await turn.platform.thinking(turn.inbound.person, turn.inbound.space, active=True)
    match turn.inbound.content:
        case Said(text=text) if "?" in text.reveal():
            private = "sensitive" in text.reveal()
            attribute = "mood" if private else "age"
            await say(turn, "question", question(attribute, private=private), DIRECT if private else None)
        case Said(text=text):
            await stream(turn, f"You said: {text.reveal()}")
        case Chose(choice=choice) if choice.endswith(":why"):
            body = question(choice.partition(":")[0])
            await say(turn, "why", Notice(Private(body.reason), body.choices, private=True))
        case Chose(choice=choice, text=text):
            typed = f" ({text.reveal()})" if text is not None else ""
            await stream(
                turn, f"Thank you for {choice}{typed}. " + "Here is my advice. " * 20, choice.partition(":")[0]
            )
        case Command(verb=verb):
            choices = (Choice("privacy:export", "Export", ChoiceKind.ACTION),) if verb is Verb.PRIVACY else ()
            await say(turn, "notice", Notice(Private(f"This is {verb}."), choices, private=True, title="About you"))
        case Stopped():
            await say(turn, "stopped", Notice(Private("Okay, I stopped.")))
    await turn.platform.thinking(turn.inbound.person, turn.inbound.space, active=False)


async def alarm(inbound: Inbound, platform: Platform) -> bool:
    """A crisis reply at once, before anything is claimed."""
    if not (isinstance(inbound.content, Said) and "want to die" in inbound.content.text.reveal()):
        return False
    await platform.deliver(outbound(inbound, "crisis", LINES, inbound.space))
    return True
