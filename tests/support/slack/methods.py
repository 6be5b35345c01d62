"""The Web API of the test workspace: one function a method, with the refusals that matter."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

from tests.support.slack.limits import check_message, check_view
from tests.support.slack.model import APP, BOT, BOT_USER, Channel, Json, Modal, Post, SlackError, Whisper, Workspace

Method = Callable[[Workspace, Json, str], Json]
METHODS: dict[str, Method] = {}
STREAM_LIMIT = 12_000


def method(name: str) -> Callable[[Method], Method]:
    def keep(function: Method) -> Method:
        METHODS[name] = function
        return function

    return keep


def _channel(workspace: Workspace, args: Json) -> Channel:
    channel = workspace.channels.get(args["channel"])
    if channel is None:
        raise SlackError("channel_not_found")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("is_archived")
    return channel


def _own(workspace: Workspace, args: Json) -> Post:
    _channel(workspace, args)
    post = workspace.find(args["channel"], args["ts"])
    if post is None:
        raise SlackError("message_not_found")
    if post.user != BOT_USER:
        raise SlackError("cant_update_message")
    return post


def _blocks(args: Json) -> list[Json]:
    blocks = args.get("blocks") or []
    return json.loads(blocks) if isinstance(blocks, str) else blocks


def _metadata(args: Json) -> Json | None:
    found = args.get("metadata")
    found = json.loads(found) if isinstance(found, str) else found
    if found is not None and not (found.get("event_type") and isinstance(found.get("event_payload"), dict)):
        raise SlackError("invalid_metadata_format")
    return found


@method("chat.postMessage")
def post_message(workspace: Workspace, args: Json, token: str) -> Json:
    channel, text = _channel(workspace, args), args.get("text", "")
    check_message(text, _blocks(args))
    root = args.get("thread_ts", "")
    if root and workspace.find(channel.id, root) is None:
        raise SlackError("thread_not_found")
    post = Post(workspace.ts(), channel.id, BOT_USER, text, root, _blocks(args), _metadata(args))
    return {"ts": workspace.put(post).ts, "channel": channel.id}


@method("chat.postEphemeral")
def post_ephemeral(workspace: Workspace, args: Json, token: str) -> Json:
    channel = _channel(workspace, args)
    if args["user"] not in channel.members:
        raise SlackError("user_not_in_channel")
    check_message(args.get("text", ""), _blocks(args))
    root = args.get("thread_ts", "")
    # Not shown in a thread that is not active (Slack's documentation of the method).
    if not root or len(workspace.thread(channel.id, root)) > 1:
        workspace.whispers.append(
            Whisper(workspace.ts(), channel.id, args["user"], args.get("text", ""), root, _blocks(args))
        )
    return {"message_ts": workspace.ts()}


@method("chat.update")
def update(workspace: Workspace, args: Json, token: str) -> Json:
    post = _own(workspace, args)
    if post.stream == "open":
        raise SlackError("streaming_state_conflict")
    check_message(args.get("text", ""), _blocks(args))
    post.text, post.blocks, post.edited = args.get("text", ""), _blocks(args), True
    post.metadata = _metadata(args) or post.metadata
    return {"ts": post.ts, "channel": post.channel}


@method("chat.delete")
def delete(workspace: Workspace, args: Json, token: str) -> Json:
    post = _own(workspace, args)
    workspace.posts[post.channel].remove(post)
    return {"ts": post.ts, "channel": post.channel}


@method("chat.startStream")
def start_stream(workspace: Workspace, args: Json, token: str) -> Json:
    if not workspace.streams:
        raise SlackError("unknown_method")
    channel = _channel(workspace, args)
    if not args.get("thread_ts") or workspace.find(channel.id, args["thread_ts"]) is None:
        raise SlackError("invalid_thread_ts")
    if not channel.user and not (args.get("recipient_user_id") and args.get("recipient_team_id")):
        raise SlackError("missing_recipient_user_id")
    post = Post(workspace.ts(), channel.id, BOT_USER, "", args["thread_ts"], stream="open")
    _grow(post, args)
    return {"ts": workspace.put(post).ts, "channel": channel.id}


@method("chat.appendStream")
def append_stream(workspace: Workspace, args: Json, token: str) -> Json:
    post = _own(workspace, args)
    if post.stream != "open":
        raise SlackError("message_not_in_streaming_state")
    _grow(post, args)
    return {"ts": post.ts, "channel": post.channel}


@method("chat.stopStream")
def stop_stream(workspace: Workspace, args: Json, token: str) -> Json:
    post = _own(workspace, args)
    if post.stream != "open":
        raise SlackError("message_not_in_streaming_state")
    _grow(post, args)
    footer = _blocks(args)
    check_message(post.text[:1], footer)
    post.stream = "stopped"
    post.blocks = [{"type": "markdown", "text": post.text}, *footer]
    post.metadata = _metadata(args) or post.metadata
    return {"ts": post.ts, "channel": post.channel}


def _grow(post: Post, args: Json) -> None:
    piece = args.get("markdown_text") or "".join(chunk.get("text", "") for chunk in args.get("chunks") or [])
    if len(piece) > STREAM_LIMIT or len(post.text) + len(piece) > STREAM_LIMIT:
        raise SlackError("msg_too_long")
    post.text += piece
    post.blocks = [{"type": "markdown", "text": post.text}]


@method("conversations.open")
def open_conversation(workspace: Workspace, args: Json, token: str) -> Json:
    user = args["users"].split(",")[0]
    member = workspace.members.get(user)
    if member is None:
        raise SlackError("user_not_found")
    if member.team != workspace.team:
        raise SlackError("cannot_dm_user")
    return {"channel": {"id": workspace.direct(user).id}}


@method("conversations.replies")
def replies(workspace: Workspace, args: Json, token: str) -> Json:
    posts = workspace.thread(_channel(workspace, args).id, args["ts"])
    if not posts:
        raise SlackError("thread_not_found")
    oldest, root = args.get("oldest", ""), args["ts"]
    return {"messages": [_told(post, args) for post in posts if post.ts >= oldest or post.ts == root]}


@method("conversations.history")
def history(workspace: Workspace, args: Json, token: str) -> Json:
    channel, oldest = _channel(workspace, args), args.get("oldest", "")
    posts = [post for post in workspace.posts.get(channel.id, []) if not post.root and (not oldest or post.ts > oldest)]
    return {"messages": [_told(post, args) for post in reversed(posts)][: int(args.get("limit", 100))]}


def _told(post: Post, args: Json) -> Json:
    told: Json = {"type": "message", "ts": post.ts, "user": post.user, "text": post.text, "blocks": post.blocks}
    if post.user == BOT_USER:
        told["bot_id"] = BOT
    if post.root:
        told["thread_ts"] = post.root
    if post.files:
        told["files"] = post.files
    if post.metadata and str(args.get("include_all_metadata", "")).lower() in ("1", "true"):
        told["metadata"] = post.metadata
    return told


@method("views.open")
def open_view(workspace: Workspace, args: Json, token: str) -> Json:
    user, born = workspace.triggers.pop(args["trigger_id"], ("", 0.0))
    if not user or time.monotonic() - born > 3.0:
        raise SlackError("expired_trigger_id")
    view = json.loads(args["view"]) if isinstance(args["view"], str) else args["view"]
    check_view(view)
    modal = Modal(f"V{workspace.number()}", user, view)
    workspace.modals[modal.id] = modal
    return {"view": {**view, "id": modal.id}}


@method("views.publish")
def publish_view(workspace: Workspace, args: Json, token: str) -> Json:
    view = json.loads(args["view"]) if isinstance(args["view"], str) else args["view"]
    check_view(view)
    workspace.homes[args["user_id"]] = view
    return {"view": {**view, "id": f"V{workspace.number()}"}}


@method("agents.sessions.setStatus")
def session_status(workspace: Workspace, args: Json, token: str) -> Json:
    if not workspace.agents:
        raise SlackError("not_authorized")
    workspace.status[(args["channel_id"], args["thread_ts"])] = args["status"]
    return {"status": args["status"]}


@method("assistant.threads.setStatus")
def thread_status(workspace: Workspace, args: Json, token: str) -> Json:
    workspace.status[(args["channel_id"], args["thread_ts"])] = args["status"]
    return {}


@method("assistant.threads.setSuggestedPrompts")
def prompts(workspace: Workspace, args: Json, token: str) -> Json:
    if len(args["prompts"]) > 4:
        raise SlackError("too_many_prompts")
    workspace.prompts[args["channel_id"]] = args["prompts"]
    return {}


@method("users.info")
def user_info(workspace: Workspace, args: Json, token: str) -> Json:
    member = workspace.members.get(args["user"])
    if member is None:
        raise SlackError("user_not_found")
    return {"user": {"id": member.id, "team_id": member.team, "locale": member.locale}}


@method("team.info")
def team_info(workspace: Workspace, args: Json, token: str) -> Json:
    return {"team": {"id": workspace.team, "name": "Test workspace"}}


@method("auth.test")
def auth_test(workspace: Workspace, args: Json, token: str) -> Json:
    return {
        "url": "https://test.slack.com/",
        "team": "Test workspace",
        "user": "raise",
        "team_id": workspace.team,
        "user_id": BOT_USER,
        "bot_id": BOT,
        **({"enterprise_id": workspace.enterprise} if workspace.enterprise else {}),
    }


@method("bots.info")
def bot_info(workspace: Workspace, args: Json, token: str) -> Json:
    return {"bot": {"id": args["bot"], "app_id": APP}}


@method("apps.manifest.export")
def export_manifest(workspace: Workspace, args: Json, token: str) -> Json:
    if not token.startswith("xoxe"):
        raise SlackError("not_allowed_token_type")
    return {"manifest": workspace.manifest}


@method("oauth.v2.access")
def oauth_access(workspace: Workspace, args: Json, token: str) -> Json:
    if workspace.client and base64.b64decode(token.removeprefix("Basic ")).decode() != ":".join(workspace.client):
        raise SlackError("bad_client_secret")
    granted = workspace.codes.pop(args.get("code", ""), None)
    if granted is None:
        raise SlackError("invalid_code")
    return granted


@method("files.getUploadURLExternal")
def upload_url(workspace: Workspace, args: Json, token: str) -> Json:
    if "files:write" not in workspace.tokens[token]:
        raise SlackError("missing_scope")
    file = f"F{workspace.number()}"
    workspace.uploads[file] = {"id": file, "name": args["filename"]}
    return {"file_id": file, "upload_url": f"{args['base']}upload/{file}"}


@method("files.completeUploadExternal")
def complete_upload(workspace: Workspace, args: Json, token: str) -> Json:
    files = [workspace.uploads[each["id"]] for each in json.loads(args["files"])]
    channel = _channel(workspace, {"channel": args["channel_id"]})
    root = args.get("thread_ts", "")
    workspace.put(Post(workspace.ts(), channel.id, BOT_USER, "", root, files=files))
    return {"files": files}
