"""From Discord's events to what the core takes: pure functions."""

from __future__ import annotations

from adapters.discord import escape, ids, render, words
from adapters.discord.shapes import Message, Submission
from adapters.forgetting import ticked
from adapters.speaking import Say
from bot.chat import Chose, Command, Content, Inbound, Said, Verb
from bot.chat.commands import parse_command
from bot.identity import DIRECT, Person, Space
from bot.private import Private


def person_of(user: int, guild: int, about: str | None = None) -> Person:
    """In a server its id is the workspace. Direct messages belong to the server they are about, if any: a question
    asked there may be answered here."""
    workspace = str(guild) if guild else about or ids.DM
    return Person(ids.PLATFORM, workspace, str(user))


def from_message(message: Message, me: int, about: str | None, locale: str) -> Inbound:
    """A message that is for the bot (who decides that is :mod:`adapters.discord.front`)."""
    text = escape.said(message.text.reveal(), me)
    content: Content = (parse_command(text) or Said(Private(text))) if text else Command(Verb.HELP)
    space = ids.channel_space(message.channel) if message.guild else DIRECT
    person = person_of(message.user, message.guild, about)
    return Inbound(str(message.id), person, space, content, ids.moment(message.id), locale)


def from_interaction(interaction: int, person: Person, space: Space, content: Content, locale: str) -> Inbound:
    return Inbound(ids.interaction_event(interaction), person, space, content, ids.moment(interaction), locale)


def content_of(form: Submission, say: Say) -> Content | None:
    """What a form says; None when it is empty."""
    typed = form.values.get(render.WORDS, "")
    match form.tag.press:
        case ids.Press.ASK:
            return question_about(typed, form.values.get(render.ABOUT, ""), say)
        case ids.Press.FORGET:
            return ticked(form.ticked)
        case _:
            return answer_of(form.values.get(render.CHOICE, ""), typed)


def answer_of(choice: str, typed: str) -> Content | None:
    """What a private form says; None when it is empty."""
    words_typed = typed.strip()
    if choice:
        return Chose(choice, Private(words_typed) if words_typed else None)
    return Said(Private(words_typed)) if words_typed else None


def question_about(question: str, about: str, say: Say) -> Content | None:
    """What is asked privately about a message of somebody."""
    if not question.strip():
        return None
    quoted = escape.quote(about.strip())
    asked = question.strip()
    return Said(Private(f"{asked}\n\n{say(words.ABOUT)}\n{quoted}" if quoted else asked))


def addresses_another(message: Message, me: int) -> bool:
    """Whether a message in a thread is plainly meant for another person: it begins with a mention of them."""
    text = message.text.reveal().lstrip()
    return text.startswith("<@") and not text.startswith((f"<@{me}>", f"<@!{me}>"))
