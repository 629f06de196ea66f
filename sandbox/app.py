"""The application: routes, error answers and the background task, around one world."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.api import (
    account_requests,
    account_transfers,
    accounts,
    administration,
    agreements,
    alerts,
    bank_links,
    bindings,
    company,
    history,
    ipo,
    login,
    mutual_funds,
    news,
    order_entry,
    orders,
    passwords,
    positions,
    registration,
    securities,
    sign_up,
    streamers,
    transactions,
    transfers,
    users,
    watchlists,
)
from sandbox.api.errors import ApiError, model_invalid, no_resource, parameter_missing, request_invalid, unexpected
from sandbox.api.gate import ApiGate
from sandbox.console import views
from sandbox.control import plane, webhooks
from sandbox.control.wire import Wire
from sandbox.oauth import authorize, endpoints
from sandbox.oauth.authorize import Stopped, draw_stopped
from sandbox.oauth.tokens import GrantRefused
from sandbox.pages import static_file
from sandbox.world import World

MATCH_EVERY_SECONDS = 0.25
logger = logging.getLogger(__name__)

# The vendor's groups of calls; literal paths come before those with parameters in the same group.
GROUPS = (
    order_entry,  # the busiest first, since routes are tried one after another
    orders,
    login,
    passwords,
    registration,
    users,
    company,
    accounts,
    bindings,
    account_requests,
    administration,
    agreements,
    securities,
    history,
    news,
    positions,
    watchlists,
    alerts,
    ipo,
    mutual_funds,
    streamers,
    transactions,
    bank_links,
    transfers,
    account_transfers,
)


def create_app(world: World) -> ASGIApp:
    """The whole program as one ASGI application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        matching = asyncio.create_task(_keep_matching(world))
        yield
        matching.cancel()

    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    app.state.world = world
    app.include_router(endpoints.router)
    app.include_router(authorize.router)
    app.include_router(plane.router)
    app.include_router(webhooks.router)
    app.include_router(views.router)
    app.include_router(sign_up.router)
    app.add_api_route("/static/{name}", static_route)
    api = APIRouter(prefix="/api")
    for group in GROUPS:
        api.include_router(group.router)
    app.include_router(api)
    app.include_router(streamers.sockets)
    _add_error_answers(app)
    return Wire(ApiGate(Telling(app, world), world), world)


async def static_route(name: str) -> Response:
    return static_file(name)


class Telling:
    """After each request, what it has changed is told to those who follow."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "http":
                self.world.tell_changes()


async def _keep_matching(world: World) -> None:
    """Let orders move while nobody asks, too, and tell what has moved. By deadline, so that the rhythm is kept."""
    loop = asyncio.get_running_loop()
    next_time = loop.time()
    while True:
        next_time = max(next_time + MATCH_EVERY_SECONDS, loop.time())
        await asyncio.sleep(next_time - loop.time())
        try:
            if world.market.clock.is_running:
                world.catch_up()
            world.tell_changes()
            world.hub.tick()
            world.sender.start_due()
        except Exception:
            logger.exception("A bug of ours; the market goes on")


def _add_error_answers(app: FastAPI) -> None:
    @app.exception_handler(ApiError)
    async def api_error(request: Request, error: ApiError) -> Response:
        return error.as_response()

    @app.exception_handler(OverflowError)
    async def id_too_large(request: Request, error: OverflowError) -> Response:
        return unexpected().as_response()

    @app.exception_handler(RequestValidationError)
    async def parameter_invalid(request: Request, error: RequestValidationError) -> Response:
        missing = any(problem["type"] == "missing" for problem in error.errors())
        refusal = parameter_missing(request) if missing else request_invalid()
        return refusal.as_response()

    @app.exception_handler(UnicodeEncodeError)
    async def half_a_character(request: Request, error: UnicodeEncodeError) -> Response:
        """JSON can spell half of a surrogate pair; nothing can store it."""
        return model_invalid("", param="resource").as_response()

    @app.exception_handler(HTTPException)
    async def unknown_route(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith("/api/"):
            return no_resource(str(request.url)).as_response()
        return draw_stopped(Stopped(error.status_code, "Nothing here", "There is no such page in the sandbox."))

    @app.exception_handler(GrantRefused)
    async def grant_refused(request: Request, refused: GrantRefused) -> Response:
        return endpoints.refuse_grant(refused)

    @app.exception_handler(Stopped)
    async def stopped(request: Request, stopped: Stopped) -> Response:
        return draw_stopped(stopped)

    @app.exception_handler(plane.ControlRefused)
    async def control_refused(request: Request, refused: plane.ControlRefused) -> Response:
        return plane.draw_refused(refused)

    @app.exception_handler(Exception)
    async def bug_of_ours(request: Request, error: Exception) -> Response:
        """Answered as the vendor would; the traceback still goes to the log."""
        return unexpected().as_response()

    async def control_misunderstood(request: Request, error: Exception) -> Response:
        """The control plane says what it did not understand; anywhere else such an error is a bug of ours."""
        if request.url.path.startswith(("/_control/", "/console/")):
            return JSONResponse({"error": str(error) or type(error).__name__}, status_code=400)
        raise error

    for kind in (ValueError, TypeError, KeyError, AttributeError, sqlite3.Error):
        app.add_exception_handler(kind, control_misunderstood)
