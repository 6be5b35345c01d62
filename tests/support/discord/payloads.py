"""What Discord sends, as JSON. Field by field as documented at https://discord.com/developers/docs."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.support.discord.model import APPLICATION, BOT, EVERYTHING, Channel, Interaction, Json, Post, World

_EPOCH = 1_420_070_400_000


def user(world: World, number: int, *, is_bot: bool = False) -> Json:
    return {
        "id": str(number),
        "username": "bot" if number == BOT else world.users.get(number, f"user{number}"),
        "discriminator": "0",
        "avatar": None,
        "global_name": None,
        "bot": is_bot or number == BOT,
    }


def member(world: World, number: int) -> Json:
    return {
        "user": user(world, number),
        "roles": [],
        "joined_at": "2025-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "permissions": "8",
        "flags": 0,
    }


def moment(snowflake: int) -> str:
    return datetime.fromtimestamp(((snowflake >> 22) + _EPOCH) / 1000, UTC).isoformat()


def message(world: World, post: Post, *, hidden: bool = False) -> Json:
    """``hidden``: the bot may not read it (no message-content intent)."""
    channel = world.channels[post.channel]
    found: Json = {
        "id": str(post.id),
        "channel_id": str(post.channel),
        "author": user(world, post.author, is_bot=post.by_bot),
        "content": "" if hidden else post.content,
        "timestamp": moment(post.id),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [user(world, BOT)] if mentions_bot(world, post) else [],
        "mention_roles": [],
        "attachments": [] if hidden else [attachment(name) for name in post.files],
        "embeds": [],
        "components": [] if hidden else post.components,
        "pinned": False,
        "type": 19 if post.reply_to else 0,
        "flags": post.flags | (64 if post.only else 0),
    }
    if channel.guild:
        found["guild_id"] = str(channel.guild)
        found["member"] = {name: value for name, value in member(world, post.author).items() if name != "user"}
    if post.webhook:
        found["webhook_id"] = str(post.webhook)
    if post.nonce:
        found["nonce"] = post.nonce
    if post.reply_to:
        found["message_reference"] = {"message_id": str(post.reply_to), "channel_id": str(post.channel), "type": 0}
        replied = world.posts.get(post.reply_to)
        found["referenced_message"] = message(world, replied, hidden=hidden) if replied is not None else None
    return found


def mentions_bot(world: World, post: Post) -> bool:
    return f"<@{BOT}>" in post.content or "ping" in post.history


def attachment(name: str) -> Json:
    url = f"https://cdn.discordapp.com/attachments/1/1/{name}"
    return {"id": "1", "filename": name, "size": 1, "url": url, "proxy_url": url, "content_type": "image/png"}


def channel(world: World, found: Channel) -> Json:
    made: Json = {"id": str(found.id), "type": found.kind}
    if found.user:
        return {**made, "recipients": [user(world, found.user)], "last_message_id": None}
    last = max((post.id for post in world.posts.values() if post.channel == found.id), default=None)
    made |= {"name": f"channel-{found.id}", "guild_id": str(found.guild), "position": 0}
    made["last_message_id"] = str(last) if last is not None else None
    made["permission_overwrites"] = [
        {"id": str(found.guild), "type": 0, "allow": "0", "deny": str(EVERYTHING & ~found.permissions)}
    ]
    if found.parent:
        metadata = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": "2026-01-01T00:00:00+00:00"}
        made |= {
            "parent_id": str(found.parent),
            "owner_id": "1",
            "message_count": 0,
            "member_count": 1,
            "thread_metadata": {**metadata, "locked": False},
            "rate_limit_per_user": 0,
        }
    return made


def guild(world: World, number: int) -> Json:
    everyone = {"id": str(number), "name": "@everyone", "permissions": str(EVERYTHING), "position": 0, "color": 0}
    everyone |= {"hoist": False, "managed": False, "mentionable": False, "flags": 0}
    theirs = [each for each in world.channels.values() if each.guild == number]
    return {
        "id": str(number),
        "name": world.guilds[number],
        "owner_id": "1",
        "member_count": 2,
        "roles": [everyone],
        "emojis": [],
        "features": [],
        "channels": [channel(world, each) for each in theirs if not each.parent],
        "threads": [channel(world, each) for each in theirs if each.parent],
        "members": [member(world, BOT)],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "stickers": [],
        "soundboard_sounds": [],
        "unavailable": False,
        "large": False,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "afk_timeout": 0,
        "premium_tier": 0,
        "preferred_locale": world.preferred_locale,
        "nsfw_level": 0,
        "system_channel_flags": 0,
        "icon": None,
        "afk_channel_id": None,
        "system_channel_id": None,
    }


def interaction(world: World, found: Interaction, data: Json, locale: str) -> Json:
    where = world.channels[found.channel]
    made: Json = {
        "id": str(found.id),
        "application_id": str(APPLICATION),
        "type": found.kind,
        "token": found.token,
        "version": 1,
        "channel_id": str(found.channel),
        "channel": {**channel(world, where), "permissions": "8"},
        "data": data,
        "locale": locale,
        "app_permissions": "8",
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(found.guild)},
        "context": 0 if found.guild else 1,
        "attachment_size_limit": 10_000_000,
    }
    if found.guild:
        made |= {"guild_id": str(found.guild), "guild_locale": "en-US", "member": member(world, found.user)}
        made["guild"] = {"id": str(found.guild), "locale": "en-US", "features": []}
    else:
        made["user"] = user(world, found.user)
    if found.message:
        made["message"] = message(world, world.posts[found.message])
    return made


def application(world: World) -> Json:
    return {
        "id": str(APPLICATION),
        "name": "raise-bot",
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user(world, 1),
        "summary": "",
        "verify_key": "x",
        "team": None,
        "flags": world.flags,
        **world.info,
    }
