"""Discord's gateway: https://discord.com/developers/docs/events/gateway. HELLO, IDENTIFY, RESUME with replay,
heartbeats, and whatever else tests want a connection to go through."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count

import aiohttp
from aiohttp import web

from tests.support.discord import payloads
from tests.support.discord.model import APPLICATION, BOT, TOKEN, Json, World

_CONTENT = 1 << 15
_AUTHENTICATION_FAILED, _DISALLOWED_INTENTS = 4_004, 4_014


@dataclass
class Session:
    """``sent`` is everything dispatched, for a replay; ``socket`` is None while nobody is connected."""

    id: str
    shard: tuple[int, int]
    intents: int
    port: int
    sent: list[Json] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None
    ready: bool = False
    resumes: int = 0

    @property
    def content(self) -> bool:
        return bool(self.intents & _CONTENT)


class Gateway:
    """``replay``: how many events before the one asked for are sent again at a resume, as Discord may do.
    ``heartbeat`` is the interval in seconds that clients are told."""

    def __init__(self, world: World, heartbeat: float = 41.25, replay: int = 0) -> None:
        self.world = world
        self.heartbeat = heartbeat
        self.replay = replay
        self.sessions: dict[str, Session] = {}
        self.beats = 0
        self.refused_intents = 0
        self.dead: set[int] = set()
        self._numbers = count(1)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        port = int(request.transport.get_extra_info("sockname")[1])
        if port in self.dead:
            await socket.close()
            return socket
        await _send(socket, {"op": 10, "d": {"heartbeat_interval": int(self.heartbeat * 1000)}})
        session: Session | None = None
        try:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                told = json.loads(message.data)
                match told["op"]:
                    case 1:
                        self.beats += 1
                        self.world.touch()
                        await _send(socket, {"op": 11})
                    case 2:
                        session = await self._identify(socket, told["d"], port)
                    case 6:
                        session = await self._resume(socket, told["d"])
        finally:
            if session is not None and session.socket is socket:
                session.socket = None
                self.world.touch()
        return socket

    # -- sessions --------------------------------------------------------------------------------------------------

    async def _identify(self, socket: web.WebSocketResponse, asked: Json, port: int) -> Session | None:
        if asked["token"] != TOKEN:
            await socket.close(code=_AUTHENTICATION_FAILED)
            return None
        if asked["intents"] & self.refused_intents:
            await socket.close(code=_DISALLOWED_INTENTS)
            return None
        shard = tuple(asked.get("shard", [0, 1]))
        session = Session(f"s{next(self._numbers)}", (shard[0], shard[1]), asked["intents"], port, socket=socket)
        self.sessions[session.id] = session
        guilds = [guild for guild in self.world.guilds if (guild >> 22) % shard[1] == shard[0]]
        ready = {
            "v": 10,
            "user": payloads.user(self.world, BOT),
            "guilds": [{"id": str(guild), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": "wss://resume.discord.gg/",
            "shard": list(shard),
            "application": {"id": str(APPLICATION), "flags": 0},
        }
        await self._dispatch(session, "READY", ready)
        for guild in guilds:
            if guild in self.world.unavailable:
                continue
            await self._dispatch(session, "GUILD_CREATE", payloads.guild(self.world, guild))
        session.ready = True
        self.world.touch()
        return session

    async def _resume(self, socket: web.WebSocketResponse, asked: Json) -> Session | None:
        session = self.sessions.get(asked["session_id"])
        if session is None:
            await _send(socket, {"op": 9, "d": False})
            return None
        session.socket = socket
        session.resumes += 1
        for event in session.sent[max(0, asked["seq"] - self.replay) :]:
            if event["t"] not in ("READY", "GUILD_CREATE"):
                await _send(socket, event)
        await self._dispatch(session, "RESUMED", {})
        self.world.touch()
        return session

    # -- what tests do ---------------------------------------------------------------------------------------------

    def living(self) -> list[Session]:
        return [each for each in self.sessions.values() if each.port not in self.dead]

    def session_of(self, guild: int) -> Session:
        """The newest session that hears about this server; direct messages (0) go to shard 0."""
        theirs = [each for each in self.living() if (guild >> 22) % each.shard[1] == each.shard[0]]
        return theirs[-1]

    async def connected(self, sessions: int = 1) -> None:
        def probe() -> bool:
            return len([each for each in self.living() if each.ready and each.socket is not None]) >= sessions

        await self.world.until(probe)

    async def tell(self, guild: int, event: str, data: Json) -> None:
        """To whom it concerns; while they are away it is kept for the resume."""
        await self._dispatch(self.session_of(guild), event, data)

    async def tell_own(self) -> None:
        """The bot hears of its own messages too."""
        while self.world.told:
            post = self.world.told.pop(0)
            guild = self.world.channels[post.channel].guild
            if any((guild >> 22) % each.shard[1] == each.shard[0] for each in self.living()):
                await self.tell(guild, "MESSAGE_CREATE", payloads.message(self.world, post))

    async def hang_up(self, code: int = 4_000) -> None:
        """Close every connection with this code."""
        for session in self.living():
            if session.socket is not None:
                await session.socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        for session in self.living():
            if session.socket is not None:
                await _send(session.socket, {"op": 7})

    async def invalidate(self, *, resumable: bool) -> None:
        for session in self.living():
            if session.socket is not None:
                socket = session.socket
                if not resumable:
                    del self.sessions[session.id]
                await _send(socket, {"op": 9, "d": resumable})

    async def _dispatch(self, session: Session, event: str, data: Json) -> None:
        made = {"op": 0, "t": event, "s": len(session.sent) + 1, "d": data}
        session.sent.append(made)
        if session.socket is not None and not session.socket.closed:
            await _send(session.socket, made)


async def _send(socket: web.WebSocketResponse, data: Json) -> None:
    try:
        await socket.send_str(json.dumps({"s": None, "t": None, "d": None, **data}))
    except ConnectionError:
        return
