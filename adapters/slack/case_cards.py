"""Cards of cases, their forms and what is revealed, as Slack's blocks.

Text of people is shown as plain text only (no markup, no mentions, no links), and never in the line that notifications
quote. Documentation: https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import json
from typing import Final

from adapters.slack.calls import Block
from adapters.slack.nodes import read_json, text
from adapters.slack.shapes import Click, Submission
from bot.chat.splitting import cut
from bot.review.chat.cards import LONGEST, Asked, Button, Card, Field, Filled, Form, Line, Moment, Press
from bot.review.presentation import Context, View
from bot.review.transcript import Voice
from bot.review.wording import CONTEXTS, moment

PREFIX: Final = "case:"
"""Begins the ``action_id`` and ``callback_id`` of everything about cases."""
EVENT_TYPE: Final = "raise_case"
ONLY_YOU: Final = "Only you can see this, until you reload Slack."
_SECTION: Final = 2_900
_TITLE: Final = 24
_HINT: Final = 150


def metadata(case_id: str) -> Block:
    """By which a card is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"case": case_id}}


def fallback(card: Card) -> str:
    """What notifications quote."""
    return _escaped(card.title)


def blocks(card: Card) -> list[Block]:
    sign = ":rotating_light: " if card.urgent else ""
    lines = "\n".join(_line(line) for line in card.lines)
    made: list[Block] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"{sign}*{_escaped(card.title)}*"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": cut(lines, _SECTION)}},
    ]
    if card.buttons:
        buttons = [_button(each, card.case_id) for each in card.buttons]
        made.append({"type": "actions", "block_id": f"{PREFIX}{card.case_id}", "elements": buttons})
    return made


def _button(button: Button, case_id: str) -> Block:
    made: Block = {
        "type": "button",
        "action_id": f"{PREFIX}{button.press}",
        "value": case_id,
        "text": {"type": "plain_text", "text": button.label},
    }
    return {**made, "style": "primary"} if button.strong else made


def _line(line: Line) -> str:
    return "".join(_moment(part) if isinstance(part, Moment) else _escaped(part) for part in line)


def _moment(value: Moment) -> str:
    """Shown in the reader's own time zone."""
    form = "{ago}" if value.relative else "{date_short_pretty} {time}"
    return f"<!date^{int(value.at)}^{form}|{moment(value.at)}>"


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# -- forms -----------------------------------------------------------------------------------------------------------


def view(form: Form, channel: str) -> Block:
    """A modal. It carries the channel, where the answer is shown."""
    about = json.dumps({"case": form.case_id, "channel": channel}, separators=(",", ":"))
    return {
        "type": "modal",
        "callback_id": f"{PREFIX}{form.press}",
        "private_metadata": about,
        "title": _plain(cut(form.title, _TITLE)),
        "submit": _plain(cut(form.submit, _TITLE)),
        "close": _plain("Cancel"),
        "blocks": [
            {"type": "section", "text": _plain(form.text)},
            *(_input(asked) for asked in form.fields),
        ],
    }


def _input(asked: Asked) -> Block:
    name = asked.field.value
    element: Block
    if asked.options:
        options = [{"text": _plain(label), "value": value} for value, label in asked.options]
        element = {"type": "radio_buttons", "action_id": name, "options": options}
    else:
        element = {"type": "plain_text_input", "action_id": name, "multiline": True, "max_length": LONGEST}
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": _plain(asked.label),
        "element": element,
        "optional": not asked.required,
    }
    return {**made, "hint": _plain(cut(asked.hint, _HINT))} if asked.hint else made


def _plain(words: str) -> Block:
    return {"type": "plain_text", "text": words, "emoji": False}


def pressed(click: Click) -> tuple[Press, str] | None:
    """What was pressed, on which case; None for a button of another release."""
    return _read(click.action.removeprefix(PREFIX), click.value)


def submitted(submission: Submission) -> tuple[Press, str, str, Filled] | None:
    """Press, case, channel and what was typed; None for a form of another release."""
    about = read_json(submission.metadata)
    found = _read(submission.callback.removeprefix(PREFIX), text(about, "case"))
    if found is None:
        return None
    return (*found, text(about, "channel"), Filled(submission.choice, submission.words, submission.note))


def _read(press: str, case_id: str) -> tuple[Press, str] | None:
    return (Press(press), case_id) if press in list(Press) and case_id else None


def problem(line: str, press: Press) -> Block:
    """The form stays open with the line under its last field that everybody fills in."""
    field = Field.CHOICE if press is Press.DECIDE else Field.WORDS
    return {"response_action": "errors", "errors": {field.value: line}}


# -- what is revealed ------------------------------------------------------------------------------------------------


def revealed(shown: View) -> list[Block]:
    """For one person's eyes: the last lines, as plain text."""
    whose = {Voice.PERSON: "Person", Voice.BOT: "Bot"}
    said = [f"{whose[line.voice]}: {line.text.reveal()}" for line in shown.lines]
    if shown.context is not Context.SHOWN:
        said.append(CONTEXTS[shown.context])
    if shown.person is not None:
        said.append(f"Who and where: {shown.person.reveal()}")
    made: list[Block] = [{"type": "section", "text": _plain(cut(each, _SECTION))} for each in said if each.strip()]
    return [*made, {"type": "context", "elements": [_plain(ONLY_YOU)]}]
