"""The people: what they do, as Discord would tell the bot about it."""

from __future__ import annotations

from itertools import count

from tests.support.discord import payloads
from tests.support.discord.model import BOT, Interaction, Json, Post, World, controls
from tests.support.discord.server import Server

_COMMAND, _COMPONENT, _SUBMIT = 2, 3, 5
_numbers = count(1)


class User:
    """One person, by a number. ``pressed`` is their last interaction."""

    def __init__(self, server: Server, user: int, name: str = "", locale: str = "en-US") -> None:
        self.server = server
        self.id = server.world.user(user, name or f"user{user}")
        self.locale = locale
        self.direct = server.world.direct(user).id
        self.pressed: Interaction | None = None

    @property
    def world(self) -> World:
        return self.server.world

    # -- writing ---------------------------------------------------------------------------------------------------

    async def says(
        self,
        text: str,
        channel: int = 0,
        *,
        reply_to: int = 0,
        ping: bool = False,
        files: tuple[str, ...] = (),
        by_bot: bool = False,
        webhook: int = 0,
    ) -> Post:
        """Write a message; a mention of the bot is ``<@100>``, ``ping`` that of a reply. ``by_bot``, ``webhook``:
        written by another bot, or by a webhook."""
        post = Post(self.world.snowflake(), channel or self.direct, self.id, text, reply_to=reply_to)
        post.files = list(files)
        post.history = ["ping"] if ping else []
        post.by_bot, post.webhook = by_bot, webhook
        self.world.put(post)
        await self.tell(post)
        return post

    async def tell(self, post: Post) -> None:
        """The event of a message (again)."""
        guild = self.world.channels[post.channel].guild
        content = self.server.gateway.session_of(guild).content
        hidden = bool(guild) and not content and not payloads.mentions_bot(self.world, post)
        data = payloads.message(self.world, post, hidden=hidden)
        await self.server.gateway.tell(guild, "MESSAGE_CREATE", data)

    # -- pressing --------------------------------------------------------------------------------------------------

    async def clicks(self, custom_id: str, *, message: int = 0) -> Interaction:
        """Press the newest button they see whose id ends with ``custom_id``, or pick from a list that offers it."""
        for post in reversed(self.world.visible(self.id)):
            if message not in (0, post.id):
                continue
            for control in controls(post.components):
                if control["type"] == 2 and control["custom_id"].endswith(custom_id) and not control.get("disabled"):
                    return await self._press(post, control, [])
                if control["type"] == 3 and any(each["value"] == custom_id for each in control["options"]):
                    return await self._press(post, control, [custom_id])
        raise LookupError(f"{self.id} sees no button {custom_id!r}")

    async def _press(self, post: Post, control: Json, values: list[str]) -> Interaction:
        made = self._made(_COMPONENT, post.channel, post.id)
        data: Json = {"custom_id": control["custom_id"], "component_type": control["type"]}
        if values:
            data["values"] = values
        return await self._send(made, data)

    async def presses_raw(self, custom_id: str, post: Post) -> Interaction:
        """A button that the message had once."""
        return await self._send(
            self._made(_COMPONENT, post.channel, post.id), {"custom_id": custom_id, "component_type": 2}
        )

    async def commands(self, name: str, channel: int = 0, **options: str) -> Interaction:
        """``raise ask`` with ``question=...``."""
        group, _, command = name.partition(" ")
        given = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
        data = {"id": "1", "name": group, "type": 1, "options": [{"name": command, "type": 1, "options": given}]}
        return await self._send(self._made(_COMMAND, channel or self.direct), data)

    async def asks_about(self, post: Post) -> Interaction:
        """The menu of a message."""
        resolved = {"messages": {str(post.id): payloads.message(self.world, post)}}
        data = {"id": "2", "name": "Ask privately about this", "type": 3, "target_id": str(post.id)}
        return await self._send(self._made(_COMMAND, post.channel), {**data, "resolved": resolved})

    async def form(self) -> Json:
        """The form that their last interaction opened."""
        pressed = self.pressed
        assert pressed is not None
        return await self.world.until(lambda: pressed.modal)

    async def submits(self, *ticked: str, **values: str) -> Interaction:
        """Send the form that is open; ``ticked`` are its boxes by value."""
        form, pressed = await self.form(), self.pressed
        assert pressed is not None
        components = [_filled(each, values, ticked) for each in form["components"]]
        made = self._made(_SUBMIT, pressed.channel, pressed.message)
        return await self._send(made, {"custom_id": form["custom_id"], "components": components, "resolved": {}})

    def _made(self, kind: int, channel: int, message: int = 0) -> Interaction:
        guild = self.world.channels[channel].guild
        number = self.world.snowflake()
        made = Interaction(number, f"token-{number}", self.id, channel, guild, kind, message)
        self.world.interactions[number] = made
        return made

    async def _send(self, made: Interaction, data: Json) -> Interaction:
        self.pressed = made
        await self.server.gateway.tell(
            made.guild, "INTERACTION_CREATE", payloads.interaction(self.world, made, data, self.locale)
        )
        return made

    # -- looking ---------------------------------------------------------------------------------------------------

    def sees(self) -> list[Post]:
        """What the bot shows them, oldest first."""
        return [post for post in self.world.visible(self.id) if post.author == BOT and not post.waits]

    async def until_sees(self, text: str) -> Post:
        def probe() -> Post | None:
            return next((post for post in reversed(self.sees()) if text in post.shown()), None)

        return await self.world.until(probe)


def _filled(component: Json, values: dict[str, str], ticked: tuple[str, ...]) -> Json:
    if component["type"] != 18:
        return {"type": component["type"], "id": 1}
    inner = component["component"]
    value = values.get(inner["custom_id"], inner.get("value"))
    sent: Json = {"type": inner["type"], "custom_id": inner["custom_id"], "id": 2}
    if inner["type"] == 22:
        sent["values"] = [each["value"] for each in inner["options"] if each["value"] in ticked]
    elif inner["type"] == 3:
        sent["values"] = [value] if value else []
    else:
        sent["value"] = value or ("" if inner["type"] == 4 else None)
    return {"type": 18, "id": 3, "component": sent}
