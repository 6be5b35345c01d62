"""What a person sees of the bot, in the plain form that all faces share.

One dict an item, in the order shown: ``kind`` (question, answer, crisis, notice; pointer for a note that leads
elsewhere or thanks for a click), ``text``, ``place`` (dm or channel), ``private`` (nobody else sees it), ``attribute``,
``choices`` (ids and labels still offered), ``used``, ``resources``.
"""

from __future__ import annotations

import re
from typing import Any

from tests.support.slack.model import BOT_USER, Json, Post, Whisper, Workspace

Seen = dict[str, Any]


def seen(workspace: Workspace, user: str) -> list[Seen]:
    posts = [
        post
        for channel in workspace.channels.values()
        if user in channel.members
        for post in workspace.posts.get(channel.id, [])
        if post.user == BOT_USER
    ]
    whispers = [each for each in workspace.whispers if each.user == user]
    shown: list[Post | Whisper] = [*posts, *whispers]
    items: list[Seen] = []
    for each in sorted(shown, key=lambda post: post.ts):
        item = _item(workspace, each)
        if item["kind"] == "used":
            _attach(items, item)
        elif _continues(items, each):
            items[-1]["text"] = f"{items[-1]['text']}{item['text']}"
            items[-1].update({name: item[name] for name in ("used", "choices") if item[name]})
            if item["kind"] == "answer":
                items[-1]["kind"] = "answer"
        else:
            items.append(item)
    return [{name: value for name, value in item.items() if not name.startswith("_")} for item in items]


def _item(workspace: Workspace, shown: Post | Whisper) -> Seen:
    ids = [block.get("block_id", "") for block in shown.blocks]
    question = next((each.removeprefix("question:") for each in ids if each.startswith("question:")), "")
    used: list[str] = next((each.removeprefix("used:").split(",") for each in ids if each.startswith("used:")), [])
    elements = [element for block in shown.blocks for element in block.get("elements", [])]
    direct = bool(workspace.channels[shown.channel].user)
    payload = ((shown.metadata or {}).get("event_payload") or {}) if isinstance(shown, Post) else {}
    return {
        "kind": _kind(shown, ids, question, elements),
        "text": _text(shown),
        "place": "dm" if direct else "channel",
        "private": direct or isinstance(shown, Whisper),
        "attribute": question,
        "choices": _choices(elements),
        "resources": [{"name": name} for name in re.findall(r"^- \*\*(.+?)\*\*:", _text(shown), re.MULTILINE)],
        "used": used,
        "_message": payload.get("id", ""),
        "_last": payload.get("last", True),
    }


def _choices(elements: list[Json]) -> list[dict[str, str]]:
    return [
        {"id": element["action_id"].removeprefix("choose:"), "label": element["text"]["text"]}
        for element in elements
        if element.get("action_id", "").startswith("choose:")
    ]


def _kind(shown: Post | Whisper, ids: list[str], question: str, elements: list[Json]) -> str:
    if question:
        return "question"
    if "pointer" in ids or not shown.blocks:
        return "pointer"
    if "crisis" in ids:
        return "crisis"
    if any(each.startswith("used:") for each in ids) and len(ids) == 1:
        return "used"
    if any(each["type"] == "feedback_buttons" for each in elements) or (isinstance(shown, Post) and shown.stream):
        return "answer"
    return "notice"


def _text(shown: Post | Whisper) -> str:
    if isinstance(shown, Post):
        return shown.shown()
    parts = [block["text"] for block in shown.blocks if block["type"] == "markdown"]
    return ("".join(parts) or shown.text).replace("\u200b", "")


def _continues(items: list[Seen], shown: Post | Whisper) -> bool:
    """A further part of a message that took several."""
    if not isinstance(shown, Post) or not items or not shown.metadata:
        return False
    payload = shown.metadata["event_payload"]
    return bool(payload["part"]) and payload["id"] == items[-1]["_message"]


def _attach(items: list[Seen], used: Seen) -> None:
    """What was used for the last answer in a channel is told to one person beside it."""
    for item in reversed(items):
        if item["kind"] == "answer" and item["place"] == used["place"]:
            item["used"] = used["used"]
            return
