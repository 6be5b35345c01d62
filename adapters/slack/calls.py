"""The Web API as this adapter uses it: one typed method per call.

Documentation: https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.addresses import is_slack
from adapters.slack.limits import Lanes
from adapters.slack.nodes import Node, child, children, text
from adapters.slack.web import Place, Web
from bot.clock import Seconds

Block = dict[str, object]
Blocks = Sequence[Block]
HURRY: Final[Seconds] = 1.5
"""How long a call may wait for its turn when a person is waiting for a click to do something."""


class Calls:
    """``client`` holds no token of its own; its session is shared by all workspaces."""

    def __init__(self, client: AsyncWebClient, lanes: Lanes) -> None:
        self._client = client
        self.web = Web(lanes)

    def may_call(self, url: str) -> bool:
        """Whether an address from a payload is Slack's own."""
        return is_slack(url, self._client.base_url)

    async def post(self, place: Place, fallback: str, blocks: Blocks, metadata: Block) -> str:
        """A message; returns its ts."""
        answer = await self.web.in_channel(
            place,
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                token=place.token,
                channel=place.channel,
                thread_ts=place.root or None,
                text=fallback,
                blocks=list(blocks),
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return text(answer, "ts")

    async def whisper(self, place: Place, user: str, fallback: str, blocks: Blocks) -> None:
        """A message that only ``user`` sees, until they reload."""
        await self.web.in_channel(
            place,
            "chat.postEphemeral",
            lambda: self._client.chat_postEphemeral(
                token=place.token,
                channel=place.channel,
                user=user,
                thread_ts=place.root or None,
                text=fallback,
                blocks=list(blocks),
            ),
        )

    async def edit(self, place: Place, ts: str, fallback: str, blocks: Blocks, metadata: Block | None = None) -> None:
        await self.web.in_channel(
            place,
            "chat.update",
            lambda: self._client.chat_update(
                token=place.token,
                channel=place.channel,
                ts=ts,
                text=fallback,
                blocks=list(blocks),
                metadata=metadata,
            ),
            cost=0,
        )

    async def delete(self, place: Place, ts: str) -> None:
        await self.web.in_channel(
            place,
            "chat.delete",
            lambda: self._client.chat_delete(token=place.token, channel=place.channel, ts=ts),
            cost=0,
        )

    async def start_stream(self, place: Place, user: str, team: str, markdown: str) -> str:
        """Begins a message that grows; returns its ts."""
        answer = await self.web.in_channel(
            place,
            "chat.startStream",
            lambda: self._client.chat_startStream(
                token=place.token,
                channel=place.channel,
                thread_ts=place.root,
                recipient_user_id=user,
                recipient_team_id=team,
                markdown_text=markdown,
            ),
        )
        return text(answer, "ts")

    async def append_stream(self, place: Place, ts: str, markdown: str) -> None:
        await self.web.in_channel(
            place,
            "chat.appendStream",
            lambda: self._client.chat_appendStream(
                token=place.token, channel=place.channel, ts=ts, markdown_text=markdown
            ),
            cost=0,
        )

    async def stop_stream(self, place: Place, ts: str, markdown: str, blocks: Blocks, metadata: Block) -> None:
        await self.web.in_channel(
            place,
            "chat.stopStream",
            lambda: self._client.chat_stopStream(
                token=place.token,
                channel=place.channel,
                ts=ts,
                markdown_text=markdown or None,
                blocks=list(blocks) or None,
                metadata=metadata,
            ),
            cost=0,
        )

    async def upload(self, place: Place, name: str, content: bytes) -> None:
        await self.web.in_channel(
            place,
            "files.completeUploadExternal",
            lambda: self._client.files_upload_v2(
                token=place.token,
                channel=place.channel,
                thread_ts=place.root or None,
                filename=name,
                title=name,
                content=content,
            ),
        )

    async def history(self, place: Place, oldest: str) -> list[Node]:
        """Messages of the thread (or, without one, of the channel) since ``oldest``, with metadata. At most 200."""
        if place.root:
            answer = await self.web.beside(
                place.workspace,
                "conversations.replies",
                lambda: self._client.conversations_replies(
                    token=place.token,
                    channel=place.channel,
                    ts=place.root,
                    oldest=oldest or None,
                    inclusive=True,
                    limit=200,
                    include_all_metadata=True,
                ),
            )
        else:
            answer = await self.web.beside(
                place.workspace,
                "conversations.history",
                lambda: self._client.conversations_history(
                    token=place.token,
                    channel=place.channel,
                    oldest=oldest or None,
                    limit=200,
                    include_all_metadata=True,
                ),
            )
        return children(answer, "messages")

    async def direct_channel(self, workspace: str, token: str, user: str) -> str:
        """The id of the direct messages with a person."""
        answer = await self.web.beside(
            workspace, "conversations.open", lambda: self._client.conversations_open(token=token, users=[user])
        )
        return text(answer, "channel", "id")

    async def locale(self, workspace: str, token: str, user: str) -> str:
        """``en-US``; empty where Slack does not say."""
        answer = await self.web.beside(
            workspace,
            "users.info",
            lambda: self._client.users_info(token=token, user=user, include_locale=True),
            patience=HURRY,
        )
        return text(answer, "user", "locale")

    async def open_view(self, workspace: str, token: str, trigger: str, view: Block) -> None:
        await self.web.beside(
            workspace,
            "views.open",
            lambda: self._client.views_open(token=token, trigger_id=trigger, view=view),
            patience=HURRY,
        )

    async def publish_home(self, workspace: str, token: str, user: str, view: Block) -> None:
        await self.web.beside(
            workspace, "views.publish", lambda: self._client.views_publish(token=token, user_id=user, view=view)
        )

    async def session_status(self, place: Place, status: Literal["processing", "active"]) -> None:
        """The agent session of a thread; creates it. While processing, people see a stop button."""
        await self.web.beside(
            place.workspace,
            "agents.sessions.setStatus",
            lambda: self._client.agents_sessions_setStatus(
                token=place.token, channel_id=place.channel, thread_ts=place.root, status=status
            ),
            patience=HURRY,
        )

    async def thread_status(self, place: Place, status: str) -> None:
        """The older sign of work, for apps that are no agents."""
        await self.web.beside(
            place.workspace,
            "assistant.threads.setStatus",
            lambda: self._client.assistant_threads_setStatus(
                token=place.token, channel_id=place.channel, thread_ts=place.root, status=status
            ),
            patience=HURRY,
        )

    async def suggest(self, place: Place, title: str, prompts: Sequence[tuple[str, str]]) -> None:
        await self.web.beside(
            place.workspace,
            "assistant.threads.setSuggestedPrompts",
            lambda: self._client.assistant_threads_setSuggestedPrompts(
                token=place.token,
                channel_id=place.channel,
                title=title,
                prompts=[{"title": name, "message": message} for name, message in prompts],
            ),
        )

    async def identity(self, token: str) -> tuple[Node, tuple[str, ...]]:
        """Who we are, and the scopes the token has."""
        response = await self.web.once("auth.test", lambda: self._client.auth_test(token=token))
        scopes = str(response.headers.get("x-oauth-scopes", ""))
        return child(response.data), tuple(filter(None, (scope.strip() for scope in scopes.split(","))))
