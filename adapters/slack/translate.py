"""From Slack's events to what the core takes: pure functions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from adapters.forgetting import ticked
from adapters.slack import escape, ids
from adapters.slack.nodes import read_json, text
from adapters.slack.shapes import Click, Message, Sender, Slash, StopPressed, Submission
from bot.chat import ChoiceKind, Chose, Command, Content, Inbound, Said, Stopped, Verb
from bot.chat.commands import parse_command, parse_words
from bot.chat.installations import GUEST
from bot.clock import Seconds
from bot.identity import DIRECT, Person, Place, Space
from bot.private import Private

PLATFORM: Final = "slack"
CHOOSE: Final = "choose:"
"""Begins the ``action_id`` of every button that stands for a :class:`bot.chat.Choice`; the choice's id follows."""
PRIVATELY: Final = "answer_privately"
FEEDBACK: Final = "feedback"
QUESTION_VIEW: Final = "question"
FORGET_VIEW: Final = "forget"


@dataclass(frozen=True, slots=True)
class Button:
    """What a button's ``value`` carries: the message it is on, what pressing it means, for whom it is (empty: anyone
    who sees it), and the space it belongs to (empty: direct messages)."""

    message: str = ""
    kind: str = ""
    user: str = ""
    space: str = ""

    def write(self) -> str:
        return json.dumps({"m": self.message, "k": self.kind, "u": self.user, "s": self.space}, separators=(",", ":"))

    @classmethod
    def read(cls, value: str) -> Button:
        found = read_json(value)
        return cls(text(found, "m"), text(found, "k"), text(found, "u"), text(found, "s"))

    @property
    def place(self) -> Space:
        return Space(Place.CHANNEL, self.space) if self.space else DIRECT

    @property
    def settles(self) -> bool:
        """Whether pressing it answers a question, so that its buttons have had their day."""
        return self.kind in (ChoiceKind.VALUE, ChoiceKind.SKIP, ChoiceKind.STOP)


def person_of(sender: Sender) -> Person:
    """Someone from another workspace is a guest here: nothing known of them elsewhere applies, and the other way round.

    A guest's own workspace is not part of the key: ``message`` and ``app_mention`` name it differently in Enterprise
    Grid, and both forms must be the same turn."""
    workspace = f"{GUEST}{sender.workspace}" if sender.guest else sender.workspace
    return Person(PLATFORM, workspace, sender.user)


def from_message(message: Message, bot_user: str, locale: str) -> Inbound:
    """A message that is for the bot (who decides that is :mod:`adapters.slack.app`)."""
    if message.edited:
        event = ids.edit_id(message.channel, message.ts, message.root, message.edited)
    else:
        event = ids.message_id(message.channel, message.ts, message.root)
    space = DIRECT if message.direct else ids.channel_space(message.channel, message.root)
    when = ids.seconds(message.edited or message.ts)
    words = escape.said(message.text.reveal(), bot_user)
    return Inbound(event, person_of(message.sender), space, _content(words), when, locale)


def _content(words: str) -> Content:
    if not words:
        return Command(Verb.HELP)
    return parse_command(words) or Said(Private(words))


def addresses_another(message: Message, bot_user: str) -> bool:
    """Whether a message in a thread is plainly meant for another person: it begins with a mention of them."""
    words = message.text.reveal().lstrip()
    return words.startswith("<@") and not words.startswith(f"<@{bot_user}")


def from_click(click: Click, locale: str) -> Inbound | None:
    """A pressed choice; None for a button that is not one (or no longer)."""
    choice = click.action.removeprefix(CHOOSE)
    if not click.action.startswith(CHOOSE) or not choice:
        return None
    event = ids.action_id(click.channel, click.at, click.root, click.sender.user)
    space = Button.read(click.value).place
    return Inbound(event, person_of(click.sender), space, Chose(choice), ids.seconds(click.at), locale)


def from_submission(submission: Submission, now: Seconds, locale: str) -> Inbound | None:
    """An answer given in a modal; None when it is empty. It counts as said in private, wherever the question came from:
    the core looks for the private question that is open."""
    back = text(read_json(submission.metadata), "back")
    content: Content
    if submission.choice:
        content = Chose(submission.choice, submission.words if submission.words else None)
    elif submission.words:
        content = Said(submission.words)
    else:
        return None
    event = ids.view_id(submission.view, back)
    return Inbound(event, person_of(submission.sender), DIRECT, content, now, locale)


def from_ticked(submission: Submission, now: Seconds, locale: str) -> Inbound | None:
    """What is to be forgotten; None where nothing was ticked."""
    command = ticked(submission.ticked)
    if command is None:
        return None
    return Inbound(ids.view_id(submission.view, ""), person_of(submission.sender), DIRECT, command, now, locale)


def command_of(slash: Slash) -> Command:
    """``/raise ...``; words that are no command ask for help."""
    return parse_words(slash.words.reveal()) or Command(Verb.HELP)


def from_slash(slash: Slash, now: Seconds, locale: str, root: str = "") -> Inbound:
    """A private matter, so it belongs to direct messages; save what is about the place. Slack does not say in which
    thread a command is given: ``root`` is the one of this channel in which the person talked last, as far as known."""
    command = command_of(slash)
    here = root and command.verb in (Verb.SHARE, Verb.UNSHARE)
    space = ids.channel_space(slash.channel, root) if here else DIRECT
    return Inbound(ids.command_id(slash.trigger), person_of(slash.sender), space, command, now, locale)


def from_home(sender: Sender, at: str, now: Seconds, locale: str) -> Inbound:
    """App Home was opened: the core is asked for what is known, and its notice is shown there."""
    return Inbound(ids.home_id(sender.user, at), person_of(sender), DIRECT, Command(Verb.PRIVACY), now, locale)


def from_stop(stop: StopPressed, locale: str) -> Inbound:
    """The stop button of an agent session: whatever runs for this person in that thread."""
    space = DIRECT if ids.is_direct(stop.channel) else ids.channel_space(stop.channel, stop.root)
    event = ids.stop_id(stop.channel, stop.at, stop.root)
    return Inbound(event, person_of(stop.sender), space, Stopped(), ids.seconds(stop.at), locale)
