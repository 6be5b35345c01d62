"""What a person sees of the bot, in the plain form that all faces share (see :mod:`tests.support.face`)."""

from __future__ import annotations

from adapters.discord.ids import Press, Tag
from bot.profile.attributes import ATTRIBUTES
from tests.support.discord.model import BOT, Post, World, controls
from tests.support.face import Seen

_FOOTER = "-# Written by an AI"
_USED = " · Used: "


def seen(world: World, user: int, since: int = 0) -> list[Seen]:
    """After the message ``since``, oldest first; ``pointer`` for what only leads elsewhere."""
    posts = [post for post in world.visible(user) if post.author == BOT and not post.waits and post.id > since]
    return [_item(world, post) for post in posts]


def _item(world: World, post: Post) -> Seen:
    direct = bool(world.channels[post.channel].user)
    tags = [tag for each in controls(post.first) if (tag := Tag.read(each["custom_id"])) is not None]
    item: Seen = {
        "kind": _kind(post, tags),
        "text": post.shown().replace("\u200b", ""),
        "place": "dm" if direct else "channel",
        "private": direct or bool(post.only),
        "choices": _choices(post),
        "used": _used(post),
        "resources": [{"name": line[4:].partition("**")[0]} for line in post.shown().split("\n") if line[:4] == "- **"],
    }
    if item["kind"] == "question":
        item["attribute"] = next(tag.rest for tag in tags if tag.rest.endswith(":skip")).partition(":")[0]
    return item


def _kind(post: Post, tags: list[Tag]) -> str:
    if any(tag.press in (Press.ANSWER, Press.READ) for tag in tags):
        return "pointer"
    if post.panel or post.files:
        return "notice"
    if any(tag.rest.endswith(":skip") for tag in tags):
        return "question"
    if _FOOTER in post.content or post.content.endswith("▌"):
        return "answer"
    return "crisis" if "\n- **" in post.content else "line"


def _choices(post: Post) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for control in controls(post.components):
        tag = Tag.read(control["custom_id"])
        if control["type"] == 3:
            found += [{"id": each["value"], "label": each["label"]} for each in control["options"]]
        elif tag is not None and tag.press is Press.CHOOSE and not control.get("disabled"):
            found.append({"id": tag.rest, "label": control["label"]})
    return found


def _used(post: Post) -> list[str]:
    """Attributes by the labels shown."""
    _, found, labels = post.content.rpartition(_USED)
    if not found:
        return []
    return [_attribute(label) for label in labels.strip().split(", ")]


def _attribute(label: str) -> str:
    from tests.support.policies import shipped

    known = {policy.label.lower(): name for name, policy in shipped().defaults.attributes.items()}
    plain = label.lower().replace(" ", "_")
    return known.get(label.lower(), plain if plain in ATTRIBUTES else label)
