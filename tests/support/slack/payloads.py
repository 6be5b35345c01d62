"""What Slack sends, in Slack's shapes (https://docs.slack.dev/apis/events-api, .../reference/interaction-payloads)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.support.slack.model import APP, BOT_USER, Json, Modal, Post, Whisper, Workspace


def event(workspace: Workspace, inner: Json, number: int | None = None) -> Json:
    return {
        "token": "not used",
        "team_id": workspace.team,
        "enterprise_id": workspace.enterprise or None,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": f"Ev{workspace.number() if number is None else number}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": workspace.team, "enterprise_id": None, "user_id": BOT_USER, "is_bot": True}],
        "event": inner,
    }


def message(workspace: Workspace, post: Post, kind: str = "message") -> Json:
    """``kind``: ``message``, or ``app_mention`` for the other form in which a mention arrives."""
    channel = workspace.channels[post.channel]
    inner: Json = {
        "type": kind,
        "user": post.user,
        "text": post.text,
        "ts": post.ts,
        "event_ts": post.ts,
        "channel": post.channel,
        "team": workspace.members[post.user].team,
    }
    if kind == "message":
        inner["channel_type"] = "im" if channel.user else "channel"
    if post.root:
        inner["thread_ts"] = post.root
    if post.files:
        inner |= {"files": post.files, "subtype": "file_share"}
    return inner


def edited(workspace: Workspace, post: Post, before: str) -> Json:
    now = {**message(workspace, post), "edited": {"user": post.user, "ts": workspace.ts()}}
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": post.channel,
        "ts": workspace.ts(),
        "message": now,
        "previous_message": {**now, "text": before},
    }


def click(workspace: Workspace, user: str, element: Json, where: Post | Whisper | None, reply_to: str) -> Json:
    """``where``: the message with the button, None for App Home."""
    member = workspace.members[user]
    action = {**element, "action_ts": workspace.ts(), "block_id": "b"}
    payload: Json = {
        "type": "block_actions",
        "user": {"id": user, "team_id": member.team},
        "team": {"id": workspace.team},
        "api_app_id": APP,
        "trigger_id": workspace.trigger(user),
        "actions": [action],
    }
    if where is None:
        view = {"id": f"VHOME{user}", "type": "home"}
        return {**payload, "container": {"type": "view", "view_id": view["id"]}, "view": view}
    container: Json = {"type": "message", "message_ts": where.ts, "channel_id": where.channel}
    container["is_ephemeral"] = isinstance(where, Whisper)
    if where.root:
        container["thread_ts"] = where.root
    payload |= {"container": container, "channel": {"id": where.channel}, "response_url": reply_to}
    if isinstance(where, Post):
        payload["message"] = {"ts": where.ts, "text": where.text, "blocks": where.blocks, "user": where.user}
    return payload


def submission(
    workspace: Workspace, modal: Modal, choice: str, words: str, note: str = "", ticked: Sequence[str] = ()
) -> Json:
    values: Json = {"words": {"words": {"type": "plain_text_input", "value": words or None}}}
    if note:
        values["note"] = {"note": {"type": "plain_text_input", "value": note}}
    if any(block.get("block_id") == "choice" for block in modal.view["blocks"]):
        picked = {"value": choice} if choice else None
        values["choice"] = {"choice": {"type": "radio_buttons", "selected_option": picked}}
    for block in modal.view["blocks"]:
        if block.get("element", {}).get("type") == "checkboxes":
            options = [each for each in block["element"]["options"] if each["value"] in ticked]
            values[block["block_id"]] = {
                block["element"]["action_id"]: {"type": "checkboxes", "selected_options": options}
            }
    return {
        "type": "view_submission",
        "user": {"id": modal.user, "team_id": workspace.members[modal.user].team},
        "team": {"id": workspace.team},
        "api_app_id": APP,
        "view": {**modal.view, "id": modal.id, "state": {"values": values}},
    }


def slash(workspace: Workspace, user: str, words: str, channel: str, reply_to: str = "") -> Json:
    return {
        "command": "/raise",
        "text": words,
        "team_id": workspace.team,
        "user_id": user,
        "channel_id": channel,
        "trigger_id": workspace.trigger(user),
        "response_url": reply_to,
        "api_app_id": APP,
    }
