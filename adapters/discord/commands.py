"""The commands people find under ``/`` and in a message's menu, and their registration: only when they changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import discord
from discord import app_commands

from adapters.discord.calls import Brake
from adapters.discord.interactions import Interactions
from bot.chat import Command, Content, Said, Verb
from bot.chat.workspaces import Registrations
from bot.private import Private
from bot.profile.attributes import ATTRIBUTES

Interaction = discord.Interaction[Any]
ASK_ABOUT: Final = "Ask privately about this"
_ITEMS: Final = [app_commands.Choice(name=each.replace("_", " ").capitalize(), value=each) for each in ATTRIBUTES]
_TYPED: Final = 4_000


class Tree(app_commands.CommandTree[discord.AutoShardedClient]):
    """``/raise``, ``/privacy`` and the menu, handing everything to ``interactions``."""

    def __init__(self, client: discord.AutoShardedClient, interactions: Interactions) -> None:
        # Where one talks with the bot itself: servers and its direct messages, not other people's.
        contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
        installs = app_commands.AppInstallationType(guild=True, user=False)
        super().__init__(client, allowed_contexts=contexts, allowed_installs=installs)
        self._interactions = interactions
        self.add_command(_raise_group(interactions))
        self.add_command(_privacy_group(interactions))
        self.add_command(_menu(interactions))

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Discord shows an old form of the commands for a while after a release."""
        await self._interactions.handle(interaction, self._interactions.unknown(interaction))

    def digest(self) -> str:
        """Changes with anything that Discord is told about the commands."""
        told = [command.to_dict(self) for command in self.get_commands()]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


async def _order(interactions: Interactions, interaction: Interaction, content: Content, *, here: bool = False) -> None:
    await interactions.handle(interaction, interactions.ordered(interaction, content, here=here))


def _raise_group(interactions: Interactions) -> app_commands.Group:
    group = app_commands.Group(name="raise", description="Talk with me, where only you can see it")

    @group.command(name="ask", description="Ask me something; only you see the answer")
    @app_commands.describe(question="What is on your mind?")
    async def ask(interaction: Interaction, question: app_commands.Range[str, 1, _TYPED]) -> None:
        await _order(interactions, interaction, Said(Private(question)))

    @group.command(name="help", description="What I do and how I work")
    async def show_help(interaction: Interaction) -> None:
        await _order(interactions, interaction, Command(Verb.HELP))

    @group.command(name="why", description="Why I asked that, or what my last answer was written with")
    async def why(interaction: Interaction) -> None:
        await _order(interactions, interaction, Command(Verb.WHY), here=True)

    @group.command(name="human", description="Ask for a person from the team")
    async def human(interaction: Interaction) -> None:
        await _order(interactions, interaction, Command(Verb.HUMAN))

    return group


def _privacy_group(interactions: Interactions) -> app_commands.Group:
    group = app_commands.Group(name="privacy", description="What I know about you, and how to change that")

    def plain(name: str, verb: Verb, description: str, *, here: bool = False) -> None:
        @group.command(name=name, description=description)
        async def command(interaction: Interaction) -> None:
            await _order(interactions, interaction, Command(verb), here=here)

    plain("show", Verb.PRIVACY, "See what I know about you, where from and until when", here=True)
    plain("export", Verb.EXPORT, "Get a copy of everything I keep about you")
    plain("forget-me", Verb.FORGET_ME, "Let me forget everything about you")
    plain("pause", Verb.PAUSE, "No questions, and nothing is kept, until you resume")
    plain("resume", Verb.RESUME, "End the pause")

    @group.command(name="forget", description="Let me forget one thing, or tick several")
    @app_commands.describe(item="What to forget; leave it out to tick it in a list")
    @app_commands.choices(item=_ITEMS)
    async def forget(interaction: Interaction, item: str = "") -> None:
        if item:
            await _order(interactions, interaction, Command(Verb.FORGET, Private(item)))
        else:
            await interactions.handle(interaction, interactions.wants_to_forget(interaction))

    @group.command(name="share", description="Let me use one thing here that you told me somewhere else")
    @app_commands.describe(item="What I may use here")
    @app_commands.choices(item=_ITEMS)
    async def share(interaction: Interaction, item: str) -> None:
        await _order(interactions, interaction, Command(Verb.SHARE, Private(item)), here=True)

    @group.command(name="unshare", description="Take back here what you let me use here")
    @app_commands.describe(item="What I may no longer use here")
    @app_commands.choices(item=_ITEMS)
    async def unshare(interaction: Interaction, item: str) -> None:
        await _order(interactions, interaction, Command(Verb.UNSHARE, Private(item)), here=True)

    @group.command(name="correct", description="Put one thing right")
    @app_commands.describe(item="What to put right", value="What it is")
    @app_commands.choices(item=_ITEMS)
    async def correct(interaction: Interaction, item: str, value: app_commands.Range[str, 1, 200]) -> None:
        await _order(interactions, interaction, Command(Verb.CORRECT, Private(f"{item} {value}")))

    return group


def _menu(interactions: Interactions) -> app_commands.ContextMenu:
    async def ask_about(interaction: Interaction, message: discord.Message) -> None:
        await interactions.handle(interaction, interactions.asked_about(interaction, message))

    return app_commands.ContextMenu(name=ASK_ABOUT, callback=ask_about)


async def register(tree: Tree, memory: Registrations, brake: Brake, application: int) -> bool:
    """Tell Discord the commands if they changed; True when it was told. Raises Refused, StoreUnavailable."""
    digest = tree.digest()
    if await memory.told(str(application)) == digest:
        return False
    with brake.calling("registering commands"):
        await tree.sync()
    await memory.remember(str(application), digest)
    return True
