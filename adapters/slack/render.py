"""From what the core says to Slack's blocks. Pure.

Block Kit: https://docs.slack.dev/reference/block-kit. Text stands in ``markdown`` blocks (standard Markdown); labels of
buttons are plain text of at most 75 characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, assert_never

from adapters.forgetting import TITLE, groups, offered
from adapters.slack import escape, words
from adapters.slack.calls import Block
from adapters.slack.nodes import Node
from adapters.slack.translate import CHOOSE, FEEDBACK, FORGET_VIEW, PRIVATELY, QUESTION_VIEW, Button
from adapters.speaking import Say
from bot.chat import Answer, Attachment, Choice, ChoiceKind, Crisis, Notice, Outbound, Question, Resource
from bot.chat.forgettable import Forgettable

_LABEL: Final = 75
_TITLE: Final = 24
_FALLBACK: Final = 300
_VALUE: Final = 2_000
_RADIO: Final = 10
_PER_ROW: Final = 20
USED_BLOCK: Final = "used"
QUESTION_BLOCK: Final = "question"
POINTER_BLOCK: Final = "pointer"
CRISIS_BLOCK: Final = "crisis"
TICKED: Final = "ticked"
FIRST_BOXES: Final = f"{TICKED}-0"
"""Where a problem with what was ticked is shown."""


@dataclass(frozen=True, slots=True)
class Card:
    """One Slack message. ``fallback`` is what notifications show."""

    blocks: tuple[Block, ...]
    fallback: str


def cards(message: Outbound, say: Say) -> tuple[Card, ...]:
    """The message as one or more of Slack's, buttons under the last."""
    match message.body:
        case Question() as body:
            return (_question(message, body),)
        case Answer() as body:
            return answer_cards(message, body, say)
        case Crisis() as body:
            return _long(crisis_text(body, say), (), CRISIS_BLOCK)
        case Notice() as body:
            return _long(notice_text(body), rows(offered(body.choices, say), button_of(message)))
        case _:
            assert_never(message.body)


def answer_cards(message: Outbound, body: Answer, say: Say) -> tuple[Card, ...]:
    return _long(body.text.reveal(), answer_footer(message, body, say))


def answer_footer(message: Outbound, body: Answer, say: Say) -> tuple[Block, ...]:
    """What was used (only where nobody else reads it) and the feedback buttons."""
    used = (used_block(body, say),) if message.space.private and body.used else ()
    return (*used, _feedback(message.id, say))


def used_block(body: Answer, say: Say) -> Block:
    line = say(words.USED, attributes=", ".join(escape.plain(label, _LABEL) for label in body.labels))
    return {
        "type": "context",
        "block_id": escape.cut(f"{USED_BLOCK}:{','.join(body.used)}", 255),
        "elements": [{"type": "mrkdwn", "text": escape.cut(line, 3_000)}],
    }


def crisis_text(body: Crisis, say: Say) -> str:
    return "\n".join((body.text, "", *(f"- {resource_line(each, say)}" for each in body.resources)))


def resource_line(resource: Resource, say: Say) -> str:
    ways = (
        say(words.CALL, number=resource.call) if resource.call else "",
        say(words.TEXT, number=resource.text) if resource.text else "",
        resource.web or "",
        resource.hours,
    )
    return f"**{resource.name}**: {', '.join(filter(None, ways))}"


def notice_text(body: Notice) -> str:
    return f"**{body.title}**\n\n{body.text.reveal()}" if body.title else body.text.reveal()


def button_of(message: Outbound) -> Button:
    """Only the addressed person may press a button in a channel."""
    if message.space.private:
        return Button(message.id)
    return Button(message.id, user=message.to.user, space=message.space.id)


def rows(choices: Iterable[Choice], button: Button) -> tuple[Block, ...]:
    """Buttons: values first, then skip, why and stop in a row of their own. ``action_id`` holds the choice's id."""
    found: list[Block] = []
    for number, (_, group) in enumerate(groupby(choices, key=lambda choice: choice.kind is ChoiceKind.VALUE)):
        buttons = [_button(choice, button) for choice in group]
        for start in range(0, len(buttons), _PER_ROW):
            row = buttons[start : start + _PER_ROW]
            found.append({"type": "actions", "block_id": f"choices-{number}-{start}", "elements": row})
    return tuple(found)


def settled(blocks: Sequence[Node], label: str) -> tuple[Block, ...]:
    """A question's blocks once it was answered: the buttons give way to what was chosen."""
    kept = [dict(block) for block in blocks if block.get("type") != "actions"]
    done: Block = {"type": "context", "elements": [{"type": "plain_text", "text": f"✓ {label}"[:_LABEL]}]}
    return (*kept, done)


def pointer(message: Outbound, body: Question, back: str, say: Say) -> Card:
    """The note in a channel that a question waits in private. ``back`` is where it was asked (``D1-ts``)."""
    value = json.dumps(
        {
            "u": message.to.user,
            "back": back,
            "a": body.attribute,
            "q": body.text,
            "r": body.reason,
            "c": [[choice.id, choice.label] for choice in body.choices if choice.kind is not ChoiceKind.WHY],
        },
        separators=(",", ":"),
    )
    line = say(words.POINTER)
    blocks: list[Block] = [markdown(line, POINTER_BLOCK)]
    if len(value) <= _VALUE:
        button: Block = {
            "type": "button",
            "action_id": PRIVATELY,
            "text": _label(say(words.ANSWER_PRIVATELY)),
            "value": value,
            "style": "primary",
        }
        blocks.append({"type": "actions", "elements": [button]})
    return Card(tuple(blocks), line)


def crisis_whisper(body: Crisis, say: Say) -> Card:
    """Crisis resources in a channel, for the person alone; the same goes as a direct message."""
    also = say(words.CRISIS_POINTER)
    text = escape.cut(crisis_text(body, say), escape.PART_LIMIT - len(also) - 2)
    block = markdown(f"{text}\n\n{also}", POINTER_BLOCK)
    return Card((block,), escape.plain(body.text, _FALLBACK))


def home(notice: Notice, say: Say) -> Block:
    """App Home. At most 100 blocks; text in ``section`` blocks, since ``markdown`` exists in messages only."""
    lines = [say(words.HOME_INTRO), *escape.split(notice_text(notice), 2_900)[:90]]
    blocks: list[Block] = [_section(_mrkdwn(line)) for line in lines]
    return {"type": "home", "blocks": [*blocks, *rows(offered(notice.choices, say), Button())]}


def modal(question: str, reason: str, choices: Sequence[tuple[str, str]], metadata: str, say: Say) -> Block:
    """The private form of a question: the choices, or own words, or both."""
    options = [_option(choice, label) for choice, label in choices]
    blocks: list[Block] = [_section(escape.plain(question, 2_900))]
    if options:
        picker: Block = {"type": "radio_buttons", "action_id": "choice", "options": options}
        if len(options) > _RADIO:
            picker = {"type": "static_select", "action_id": "choice", "options": options[:100]}
        blocks.append(_input("choice", say(words.PICK), picker))
    typed: Block = {"type": "plain_text_input", "action_id": "words", "multiline": True, "max_length": 3_000}
    blocks.append(_input("words", say(words.OWN_WORDS), typed))
    if reason:
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": escape.plain(reason, 2_900)}]})
    return {
        "type": "modal",
        "callback_id": QUESTION_VIEW,
        "private_metadata": metadata,
        "title": _label(say(words.ANSWER_PRIVATELY)),
        "submit": _label(say(words.SEND)),
        "close": _label(say(words.NOT_NOW)),
        "blocks": blocks,
    }


def forget_modal(items: tuple[Forgettable, ...], metadata: str, say: Say) -> Block:
    """What is known, to be ticked."""
    blocks: list[Block] = []
    for number, (line, part) in enumerate(groups(items, say)):
        boxes: Block = {"type": "checkboxes", "action_id": TICKED, "options": [_box(each) for each in part]}
        blocks.append(_input(f"{TICKED}-{number}", line, boxes))
    return {
        "type": "modal",
        "callback_id": FORGET_VIEW,
        "private_metadata": metadata,
        "title": _label(say(TITLE)),
        "submit": _label(say(words.DELETE)),
        "close": _label(say(words.NOT_NOW)),
        "blocks": blocks,
    }


def _box(item: Forgettable) -> Block:
    option = _option(item.attribute, item.label)
    value = escape.cut(item.value.reveal(), _LABEL)
    return {**option, "description": {"type": "plain_text", "text": value}} if value else option


def file_as_text(file: Attachment, say: Say) -> tuple[Card, ...]:
    """Where a file cannot be attached: its content in messages."""
    content = escape.neutralise(file.content.reveal().decode("utf-8", "replace"))
    line = say(words.CANNOT_SEND_FILE)
    pieces = escape.split(f"{line}\n\n```\n{content}\n```")
    return tuple(Card((markdown_part(piece),), line) for piece in pieces)


def markdown(text: str, block_id: str) -> Block:
    block: Block = {"type": "markdown", "text": escape.cut(escape.neutralise(text), escape.MARKDOWN_LIMIT)}
    return _named(block, block_id)


def _question(message: Outbound, body: Question) -> Card:
    head = markdown(body.text, escape.cut(f"{QUESTION_BLOCK}:{body.attribute}", 255))
    return Card((head, *rows(body.choices, button_of(message))), escape.plain(body.text, _FALLBACK))


def _long(text: str, footer: tuple[Block, ...], block_id: str = "") -> tuple[Card, ...]:
    parts = escape.split(escape.neutralise(text))
    found = [Card((_named(markdown_part(part), block_id),), escape.plain(part, _FALLBACK)) for part in parts]
    last = found[-1]
    return (*found[:-1], Card((*last.blocks, *footer), last.fallback))


def markdown_part(part: str) -> Block:
    """A piece already neutralised."""
    return {"type": "markdown", "text": part or " "}


def _named(block: Block, block_id: str) -> Block:
    return {**block, "block_id": block_id} if block_id else block


def _button(choice: Choice, button: Button) -> Block:
    label = choice.label.strip() or choice.id
    return {
        "type": "button",
        "action_id": escape.cut(f"{CHOOSE}{choice.id}", 255),
        "text": {"type": "plain_text", "text": escape.cut(label, _LABEL), "emoji": True},
        "value": replace(button, kind=choice.kind.value).write(),
    }


def _feedback(message: str, say: Say) -> Block:
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": FEEDBACK,
                "positive_button": _thumb(say(words.HELPFUL), f"+{message}"),
                "negative_button": _thumb(say(words.NOT_HELPFUL), f"-{message}"),
            }
        ],
    }


def _thumb(label: str, value: str) -> Block:
    return {"text": _label(label), "value": escape.cut(value, _VALUE)}


def _label(text: str) -> Block:
    """Titles and buttons of a modal hold 24 characters, the shortest of all."""
    return {"type": "plain_text", "text": escape.cut(text, _TITLE)}


def _option(choice: str, label: str) -> Block:
    return {"text": {"type": "plain_text", "text": escape.cut(label, _LABEL)}, "value": choice[:150]}


def _input(block_id: str, label: str, element: Block) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": {"type": "plain_text", "text": label},
        "element": element,
    }


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _mrkdwn(text: str) -> str:
    """Markdown's bold in Slack's own spelling; everything else literally."""
    return escape.plain(text, 2_900).replace("**", "*")
