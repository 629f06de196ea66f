"""Streamers: where they are, sessions, and the WebSocket connections themselves."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket
from fastapi.responses import Response

from sandbox.api.access import CallerHere
from sandbox.api.answers import answer
from sandbox.api.errors import model_invalid
from sandbox.dependencies import WorldHere
from sandbox.streams import sessions
from sandbox.streams.connection import Connection
from sandbox.streams.frames import encode
from sandbox.streams.protocol import StreamProtocol
from sandbox.world import World

router = APIRouter(prefix="/v1.0")
sockets = APIRouter()

# Prices of a simulation are nobody's real-time data (C39).
TYPES = {"quote": "Delayed", "data": "delayed"}
REFUSED = encode({"Cmd": "CreateSession.txt", "StatusCode": "Error"})


@router.get("/streamers")
async def streamers(world: WorldHere, caller: CallerHere) -> Response:
    """One address per server, with the session that belongs to the caller's token."""
    base = world.base_url.replace("http", "ws", 1)
    found = {
        kind: {
            "Url": f"{base}/streams/{kind}",
            "Type": TYPES[kind],
            "SessionId": sessions.session_of(
                world.state, user_id=caller.user_id, token_hash=caller.token_hash, kind=kind
            ),
        }
        for kind in TYPES
    }
    return answer({"QuoteAddresses": [found["quote"]], "DataAddresses": [found["data"]]})


@router.put("/streamers/session/recover")
async def recover(world: WorldHere, caller: CallerHere, sessionType: str) -> Response:
    """0 is the data session, 1 the quote session. The answer is an object (C38)."""
    if sessionType not in ("0", "1"):
        raise model_invalid("", param="sessionType")
    kind = sessions.KINDS[int(sessionType)]
    old, renewed = sessions.recover_session(
        world.state, user_id=caller.user_id, token_hash=caller.token_hash, kind=kind
    )
    world.hub.hang_up(old)
    return answer({"Id": renewed})


@sockets.websocket("/streams/{kind}/{name}")
async def stream(socket: WebSocket, kind: str, name: str) -> None:
    """Create a session and speak with it until somebody hangs up."""
    world: World = socket.app.state.world
    line: StreamProtocol = socket.state.line
    if kind not in TYPES or name not in ("CreateSession.txt", "CreateSession"):
        await socket.close()
        return
    await socket.accept()
    user, password = (socket.query_params.get(each, "") for each in ("User", "Password"))
    session = sessions.find_session(world.state, kind=kind, user=user, password=password)
    if session is None or world.hub.is_connected(session["id"]):
        line.put(REFUSED)
        line.hang_up(1008, "There is no such session, or it is connected already.")
        return
    connection = Connection(world.hub, line, session)
    world.hub.connect(connection)
    try:
        connection.greet()
        connection.take_up(sessions.take_up(world.state, session))
        while (message := await socket.receive())["type"] == "websocket.receive":
            connection.hear(message.get("text") or "")
    finally:
        world.hub.disconnect(connection)
        sessions.drop(world.state, connection.session_id)
