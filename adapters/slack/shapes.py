"""What Slack sends, read into types. Total: whatever the JSON holds, the result is one of :data:`Event`.

Documentation: https://docs.slack.dev/apis/events-api, https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.slack.ids import is_direct, is_ts
from adapters.slack.nodes import Node, at, child, children, first, text
from adapters.slack.removals import Uninstalled, access_revoked, uninstalled
from bot.private import Private

_SPOKEN: Final = frozenset({"", "file_share", "thread_broadcast", "me_message"})
_LONGEST: Final = 150  # characters of a workspace and a user together; Slack's own ids have about 11 each
_BOTS: Final = frozenset({"USLACKBOT"})


@dataclass(frozen=True, slots=True)
class Sender:
    """``guest``: from another workspace (Slack Connect). ``workspace`` is where the bot is installed."""

    workspace: str
    enterprise: str
    user: str
    guest: bool


@dataclass(frozen=True, slots=True)
class Message:
    """``root`` begins the thread (``ts`` itself outside of one); ``edited`` is the time of the edit, else empty."""

    sender: Sender
    channel: str
    ts: str
    root: str
    text: Private[str]
    files: bool
    mention: bool
    edited: str = ""

    @property
    def direct(self) -> bool:
        return is_direct(self.channel)


@dataclass(frozen=True, slots=True)
class Click:
    """A button. ``at`` is the time of the click; ``root`` the thread of the message it is on, empty in App Home;
    ``label`` what the button says, ``blocks`` the message as it stands (empty for one that only this person sees)."""

    sender: Sender
    action: str
    value: str
    at: str
    channel: str
    message: str
    root: str
    trigger: str
    reply_to: str
    view: str
    label: str
    blocks: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """A modal was sent. Each of ``choice``, ``words``, ``note`` and ``ticked`` is empty where nothing was given."""

    sender: Sender
    view: str
    callback: str
    metadata: str
    choice: str
    words: Private[str]
    note: Private[str]
    ticked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slash:
    sender: Sender
    words: Private[str]
    channel: str
    trigger: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class HomeOpened:
    sender: Sender
    at: str


@dataclass(frozen=True, slots=True)
class MessagesOpened:
    """The person opened the direct messages with the bot."""

    sender: Sender
    channel: str


@dataclass(frozen=True, slots=True)
class StopPressed:
    sender: Sender
    channel: str
    root: str
    at: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nothing for the bot. ``malformed``: it should not look like this."""

    why: str
    malformed: bool = False


_NOWHERE: Final = Skipped("the app was removed, but from nowhere", malformed=True)

Spoken = Message | Click | Submission | Slash | HomeOpened | MessagesOpened | StopPressed
"""What a person did."""
Event = Spoken | Uninstalled | Skipped


def read(body: Node, bot_user: str) -> Event:
    """``body`` is the whole payload; ``bot_user`` the bot's user id in that workspace."""
    match text(body, "type"):
        case "event_callback":
            return _event(body, bot_user)
        case "block_actions":
            return _click(body)
        case "view_submission":
            return _submission(body)
        case "view_closed" | "shortcut" | "message_action" | "block_suggestion":
            return Skipped("not used")
        case "" if text(body, "command"):
            return _slash(body)
        case _:
            return Skipped("unknown payload", malformed=True)


def _event(body: Node, bot_user: str) -> Event:
    event = child(body, "event")
    match text(event, "type"):
        case "message":
            return _message(body, event, bot_user)
        case "app_mention":
            return _spoken(body, event, bot_user, mention=True)
        case "app_home_opened":
            return _opened(body, event)
        case "agent_session_stopped":
            return _stop(body, event)
        case "app_uninstalled":
            return uninstalled(body) or _NOWHERE
        case "tokens_revoked":
            return uninstalled(body) or _NOWHERE if at(event, "tokens", "bot") else Skipped("user tokens are not used")
        case "team_access_revoked":
            return access_revoked(body, event) or _NOWHERE
        case "":
            return Skipped("event without a type", malformed=True)
        case _:
            return Skipped("event not used")


def _message(body: Node, event: Node, bot_user: str) -> Event:
    subtype = text(event, "subtype")
    if subtype in _SPOKEN:
        return _spoken(body, event, bot_user, mention=False)
    if subtype != "message_changed":
        return Skipped(f"message of subtype {subtype}"[:80])
    now, before = child(event, "message"), child(event, "previous_message")
    edited = text(now, "edited", "ts")
    if text(now, "subtype") not in _SPOKEN or not is_ts(edited) or text(now, "text") == text(before, "text"):
        return Skipped("edit without new text")
    inner = {**now, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
    spoken = _spoken(body, inner, bot_user, mention=False)
    if not isinstance(spoken, Message):
        return spoken
    return Message(
        sender=spoken.sender,
        channel=spoken.channel,
        ts=spoken.ts,
        root=spoken.root,
        text=spoken.text,
        files=spoken.files,
        mention=spoken.mention,
        edited=edited,
    )


def _spoken(body: Node, event: Node, bot_user: str, *, mention: bool) -> Event:
    user = text(event, "user")
    if text(event, "bot_id") or user == bot_user or user in _BOTS:
        return Skipped("said by a bot")
    channel, ts, root = text(event, "channel"), text(event, "ts"), text(event, "thread_ts")
    if not (user and channel and is_ts(ts) and (not root or is_ts(root))):
        return Skipped("message without user, channel or ts", malformed=True)
    sender = _sender_of_event(body, event, user)
    if sender is None:
        return Skipped("message without a workspace", malformed=True)
    words = text(event, "text")
    mentioned = mention or (bool(bot_user) and f"<@{bot_user}" in words)
    files = bool(at(event, "files"))
    return Message(sender, channel, ts, root or ts, Private(words), files, mentioned)


def _sender_of_event(body: Node, event: Node, user: str) -> Sender | None:
    authorization = first(body, "authorizations")
    workspace = text(authorization, "team_id") or text(body, "team_id") or text(event, "team")
    enterprise = text(authorization, "enterprise_id") or text(body, "enterprise_id")
    return _sender(workspace, enterprise, user, text(event, "user_team") or text(event, "team"))


def _sender_of_click(body: Node) -> Sender | None:
    workspace = text(body, "view", "app_installed_team_id") or text(body, "team", "id") or text(body, "user", "team_id")
    enterprise = text(body, "enterprise", "id") or text(body, "team", "enterprise_id")
    return _sender(workspace, enterprise, text(body, "user", "id"), text(body, "user", "team_id"))


def _sender(workspace: str, enterprise: str, user: str, own: str) -> Sender | None:
    if not workspace or not user or ":" in workspace + user or len(workspace + user) > _LONGEST:
        return None
    return Sender(workspace, enterprise, user, guest=bool(own) and own not in (workspace, enterprise))


def _opened(body: Node, event: Node) -> Event:
    sender = _sender_of_event(body, event, text(event, "user"))
    if sender is None:
        return Skipped("app_home_opened without user", malformed=True)
    if text(event, "tab") == "messages":
        return MessagesOpened(sender, text(event, "channel"))
    return HomeOpened(sender, text(event, "event_ts") or text(body, "event_id"))


def _stop(body: Node, event: Node) -> Event:
    sender = _sender_of_event(body, event, text(event, "user"))
    channel, root, when = text(event, "channel"), text(event, "thread_ts"), text(event, "event_ts")
    if sender is None or not channel or not is_ts(root) or not is_ts(when):
        return Skipped("agent_session_stopped without user or thread", malformed=True)
    return StopPressed(sender, channel, root, when)


def _click(body: Node) -> Event:
    action, sender, container = first(body, "actions"), _sender_of_click(body), child(body, "container")
    when = text(action, "action_ts")
    if sender is None or not text(action, "action_id") or not is_ts(when):
        return Skipped("action without user, id or time", malformed=True)
    message = text(container, "message_ts")
    root = text(container, "thread_ts") or text(body, "message", "thread_ts") or message
    return Click(
        sender=sender,
        action=text(action, "action_id"),
        value=text(action, "value") or text(action, "selected_option", "value"),
        at=when,
        channel=text(container, "channel_id") or text(body, "channel", "id"),
        message=message,
        root=root if is_ts(root) else "",
        trigger=text(body, "trigger_id"),
        reply_to=text(body, "response_url"),
        view=text(body, "view", "id"),
        label=text(action, "text", "text"),
        blocks=tuple(children(body, "message", "blocks")),
    )


def _submission(body: Node) -> Event:
    sender, view = _sender_of_click(body), child(body, "view")
    if sender is None or not text(view, "id"):
        return Skipped("view without user or id", malformed=True)
    values = child(view, "state", "values")
    picked, words = child(values, "choice", "choice"), child(values, "words", "words")
    return Submission(
        sender=sender,
        view=text(view, "id"),
        callback=text(view, "callback_id"),
        metadata=text(view, "private_metadata"),
        choice=text(picked, "selected_option", "value"),
        words=Private(text(words, "value").strip()),
        note=Private(text(values, "note", "note", "value").strip()),
        ticked=tuple(_ticked(values)),
    )


def _ticked(values: Node) -> Iterator[str]:
    """Every box that was ticked, in any group."""
    for block in values.values():
        for element in block.values() if isinstance(block, Mapping) else ():
            yield from filter(None, (text(option, "value") for option in children(element, "selected_options")))


def _slash(body: Node) -> Event:
    sender = _sender(text(body, "team_id"), text(body, "enterprise_id"), text(body, "user_id"), "")
    trigger = text(body, "trigger_id")
    if sender is None or not trigger:
        return Skipped("command without user or trigger", malformed=True)
    return Slash(sender, Private(text(body, "text")), text(body, "channel_id"), trigger, text(body, "response_url"))
