"""What Slack refuses to render: the limits of Block Kit that the adapter could break.

https://docs.slack.dev/reference/block-kit/blocks and .../views
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.slack.model import Json, SlackError

_MESSAGE_BLOCKS = {"markdown", "section", "actions", "context", "context_actions", "divider", "header"}
_VIEW_BLOCKS = {"section", "actions", "context", "input", "divider", "header"}


def check_message(text: str, blocks: list[Json]) -> None:
    if len(text) > 40_000:
        raise SlackError("msg_too_long")
    if not text and not blocks:
        raise SlackError("no_text")
    if sum(len(block.get("text", "")) for block in blocks if block["type"] == "markdown") > 12_000:
        raise SlackError("msg_blocks_too_long")
    _check(blocks, _MESSAGE_BLOCKS, 50)


def check_view(view: Json) -> None:
    _check(view["blocks"], _VIEW_BLOCKS, 100)
    if len(view.get("private_metadata", "")) > 3_000:
        raise SlackError("invalid_arguments")
    for name in ("title", "submit", "close"):
        if name in view and not 1 <= len(view[name]["text"]) <= 24:
            raise SlackError("invalid_arguments")


def _check(blocks: list[Json], allowed: set[str], most: int) -> None:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(blocks) > most or len(ids) != len(set(ids)) or any(not 1 <= len(each) <= 255 for each in ids):
        raise SlackError("invalid_blocks")
    for block in blocks:
        if block["type"] not in allowed:
            raise SlackError("invalid_blocks")
        _check_text(block)
        actions = [element["action_id"] for element in _elements(block) if "action_id" in element]
        if len(actions) != len(set(actions)) or len(actions) > 25 or any(not 1 <= len(each) <= 255 for each in actions):
            raise SlackError("invalid_blocks")
        for element in _elements(block):
            _check_element(element)


def _check_text(block: Json) -> None:
    match block["type"]:
        case "markdown" if not block["text"]:
            raise SlackError("invalid_blocks")
        case "section" if not 1 <= len(block["text"]["text"]) <= 3_000:
            raise SlackError("invalid_blocks")
        case "context" if not block["elements"] or len(block["elements"]) > 10:
            raise SlackError("invalid_blocks")
        case _:
            return


def _elements(block: Json) -> Iterator[Json]:
    yield from block.get("elements", [])
    if "element" in block:
        yield block["element"]


def _check_element(element: Json) -> None:
    match element["type"]:
        case "button":
            ok = 1 <= len(element["text"]["text"]) <= 75 and len(element.get("value", "")) <= 2_000
        case "checkboxes":
            texts = [option["description"]["text"] for option in element["options"] if "description" in option]
            ok = (
                1 <= len(element["options"]) <= 10 and _options(element) and all(1 <= len(each) <= 75 for each in texts)
            )
        case "radio_buttons":
            ok = 1 <= len(element["options"]) <= 10 and _options(element)
        case "static_select":
            ok = 1 <= len(element["options"]) <= 100 and _options(element)
        case "feedback_buttons":
            ok = all(len(element[name]["value"]) <= 2_000 for name in ("positive_button", "negative_button"))
        case "mrkdwn" | "plain_text":
            ok = 1 <= len(element["text"]) <= 3_000
        case "plain_text_input":
            ok = element.get("max_length", 1) <= 3_000
        case _:
            ok = False
    if not ok:
        raise SlackError("invalid_blocks")


def _options(element: Json) -> bool:
    values = [option["value"] for option in element["options"]]
    return len(values) == len(set(values)) and all(
        1 <= len(option["text"]["text"]) <= 75 and 1 <= len(option["value"]) <= 150 for option in element["options"]
    )
