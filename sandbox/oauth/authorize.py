"""/authorize, the sign-in page, the consent page and /v2/logout: what the investor sees of the identity provider."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from sandbox.clock import wall_ms
from sandbox.dependencies import WorldHere
from sandbox.oauth.tokens import SCOPES, end_session, find_session, issue_code, start_session
from sandbox.pages import comes_from_here, draw, origin_of, see_other
from sandbox.people.signing_in import Expecting, LoginFailed, ask, check_password, check_ticket
from sandbox.world import World

COOKIE = "autoshares_session"
COOKIE_SECONDS = 3 * 86_400
REQUEST_LIFE_MS = 3_600_000
KEPT_PARAMETERS = (
    "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt", "max_age",
    "login_hint",
)  # fmt: skip

router = APIRouter()


class Stopped(Exception):
    """The flow ends on a page of ours, because there is nowhere safe to redirect to."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status, self.title, self.text = status, title, text


NOT_OPEN = Stopped(
    400, "This sign-in is no longer open", "Go back to the application and start again; nothing has been shared."
)


def draw_stopped(stopped: Stopped) -> Response:
    return draw("problem.html", {"title": stopped.title, "text": stopped.text}, status=stopped.status)


# /authorize


@router.get("/authorize")
async def authorize(request: Request, world: WorldHere) -> Response:
    query = dict(request.query_params)
    app = _find_app(world, query.get("client_id"))
    if query.get("redirect_uri") not in json.loads(app["redirect_uris"]):
        raise Stopped(
            403, "Callback URL mismatch", "The address to return to is not in the application's list of callback URLs."
        )
    if problem := _find_problem(query):
        return _send_back(world, query, error=problem[0], error_description=problem[1])
    params = {name: query[name] for name in KEPT_PARAMETERS if query.get(name)}
    params["scope"] = " ".join(scope for scope in query.get("scope", "openid").split() if scope in SCOPES)
    flow = _open_flow(world, app, params)
    return _next_step(world, flow, app, params, find_session(world.state, request.cookies.get(COOKIE)))


def _find_app(world: World, client_id: str | None) -> sqlite3.Row:
    app = world.state.row("SELECT * FROM app WHERE client_id = ?", client_id or "")
    if app is None:
        raise Stopped(400, "Unknown client", "No application is registered under this client id.")
    if not app["active"]:
        raise Stopped(403, "Application not active", "The keys of this application do not work (yet).")
    return app


def _find_problem(query: dict[str, str]) -> tuple[str, str] | None:
    if query.get("response_type") != "code":
        return "unsupported_response_type", "Only response_type=code is supported."
    challenge, method = query.get("code_challenge"), query.get("code_challenge_method")
    if bool(challenge) != bool(method) or method not in (None, "", "S256"):
        return "invalid_request", "PKCE needs code_challenge and code_challenge_method=S256."
    if challenge and len(challenge) != 43:
        return "invalid_request", "The code_challenge is not that of S256."
    if query.get("max_age", "0").isdecimal() is False:
        return "invalid_request", "max_age is a number of seconds."
    return None


def _open_flow(world: World, app: sqlite3.Row, params: dict[str, str]) -> sqlite3.Row:
    now = wall_ms()
    flow_id = secrets.token_urlsafe(24)
    with world.state.transaction() as db:
        db.execute("DELETE FROM oauth_request WHERE created_ms < ?", (now - REQUEST_LIFE_MS,))
        stored = json.dumps({**params, "client_id": app["client_id"]})
        world.state.insert("oauth_request", id=flow_id, params=stored, created_ms=now)
    flow = world.state.row("SELECT * FROM oauth_request WHERE id = ?", flow_id)
    assert flow is not None  # noqa: S101 - inserted just now
    return flow


def _next_step(
    world: World, flow: sqlite3.Row, app: sqlite3.Row, params: dict[str, str], session: sqlite3.Row | None
) -> Response:
    """Sign in, consent or done: the first that is still open."""
    prompts = params.get("prompt", "").split()
    if session is None or _must_sign_in_again(flow, params, session):
        if "none" in prompts:
            return _close(world, flow, params, error="login_required", error_description="Login required")
        return see_other(f"/u/login?request={flow['id']}")
    if "consent" in prompts or not _has_consented(world, session["user_id"], app, params):
        if "none" in prompts:
            return _close(world, flow, params, error="consent_required", error_description="Consent required")
        return see_other(f"/u/consent?request={flow['id']}")
    return _finish(world, flow, app, params, session)


def _must_sign_in_again(flow: sqlite3.Row, params: dict[str, str], session: sqlite3.Row) -> bool:
    if session["auth_ms"] >= flow["created_ms"]:
        return False
    too_old = "max_age" in params and wall_ms() - session["auth_ms"] > int(params["max_age"]) * 1000
    return "login" in params.get("prompt", "").split() or too_old


def _has_consented(world: World, user_id: int, app: sqlite3.Row, params: dict[str, str]) -> bool:
    row = world.state.row("SELECT scope FROM consent WHERE user_id = ? AND client_id = ?", user_id, app["client_id"])
    return row is not None and set(params["scope"].split()) <= set(row["scope"].split())


def _finish(
    world: World, flow: sqlite3.Row, app: sqlite3.Row, params: dict[str, str], session: sqlite3.Row
) -> Response:
    code = issue_code(
        world.state, params, user_id=session["user_id"], client_id=app["client_id"], auth_ms=session["auth_ms"]
    )
    return _close(world, flow, params, code=code)


def _close(world: World, flow: sqlite3.Row, params: dict[str, str], **answer: str) -> Response:
    world.state.db.execute("DELETE FROM oauth_request WHERE id = ?", (flow["id"],))
    return _send_back(world, params, **answer)


def _send_back(world: World, params: dict[str, str], **answer: str) -> Response:
    """Redirect to the application with the answer, its state, and who answers (RFC 9207)."""
    if params.get("state"):
        answer["state"] = params["state"]
    answer["iss"] = world.issuer
    address = params["redirect_uri"]
    joint = "&" if urlsplit(address).query else "?"
    return RedirectResponse(f"{address}{joint}{urlencode(answer)}", 302, headers={"Cache-Control": "no-store"})


# Pages


class Flow:
    """The open request that a page belongs to. Raises Stopped when it is not open any more."""

    def __init__(self, world: World, flow_id: str) -> None:
        row = world.state.row("SELECT * FROM oauth_request WHERE id = ?", flow_id)
        if row is None or row["created_ms"] < wall_ms() - REQUEST_LIFE_MS:
            raise NOT_OPEN
        self.world, self.row = world, row
        self.params: dict[str, str] = json.loads(row["params"])
        self.app = _find_app(world, self.params["client_id"])

    def go_on(self, session: sqlite3.Row | None, *, consented: bool = False) -> Response:
        params = self.params
        if consented and "prompt" in params:
            params = {**params, "prompt": params["prompt"].replace("consent", "")}
        return _next_step(self.world, self.row, self.app, params, session)

    def draw(self, template: str, context: dict[str, Any], *, status: int = 200) -> Response:
        return draw(
            template,
            {"app": self.app, "request_id": self.row["id"], **context},
            status=status,
            forms_lead_to=origin_of(self.params["redirect_uri"]),
        )


async def flow_of_page(world: WorldHere, request: str = "") -> Flow:
    return Flow(world, request)


async def flow_of_form(http: Request, world: WorldHere, request: Annotated[str, Form()] = "") -> Flow:
    if not comes_from_here(http):
        raise Stopped(403, "Not from this page", "The form was sent from another site.")
    return Flow(world, request)


PageFlow = Annotated[Flow, Depends(flow_of_page)]
FormFlow = Annotated[Flow, Depends(flow_of_form)]


@router.get("/u/login")
async def show_sign_in(flow: PageFlow, fill: str = "") -> Response:
    return _draw_sign_in(flow, email=fill or flow.params.get("login_hint", ""), fill=fill)


@router.post("/u/login")
async def sign_in(
    flow: FormFlow, email: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    world = flow.world
    try:
        user = check_password(world, email.strip(), password)
    except LoginFailed as failure:
        problem = "Wrong email or password." if failure.confirmation_token is None else f"{failure.reason}."
        return _draw_sign_in(flow, email=email, problem=problem, status=400)
    if user["two_factor"]:
        return _draw_code(flow, ask(world, flow.app, user, "VerificationCode"), email=user["email"])
    return _let_in(flow, user)


def _let_in(flow: Flow, user: sqlite3.Row) -> Response:
    cookie = start_session(flow.world.state, user["id"])
    response = flow.go_on(find_session(flow.world.state, cookie))
    response.set_cookie(COOKIE, cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="lax")
    return response


@router.post("/u/code")
async def enter_code(
    flow: FormFlow, ticket: Annotated[str, Form()] = "", code: Annotated[str, Form()] = ""
) -> Response:
    """The second step of those who have switched it on."""
    try:
        outcome = check_ticket(flow.world, flow.app, ticket, code.strip())
    except LoginFailed:
        return _draw_sign_in(flow, email="", problem="The code was not right. Sign in again.", status=400)
    if isinstance(outcome, Expecting):
        return _draw_code(flow, outcome, problem="The code is not right.", status=400)
    return _let_in(flow, outcome)


def _draw_code(
    flow: Flow, expecting: Expecting, *, email: str = "you", problem: str = "", status: int = 200
) -> Response:
    context = {"ticket": expecting.token, "email": email, "problem": problem}
    return flow.draw("code.html", context, status=status)


def _draw_sign_in(flow: Flow, *, email: str, fill: str = "", problem: str = "", status: int = 200) -> Response:
    demo_users = flow.world.state.rows("SELECT * FROM user WHERE is_demo ORDER BY id")
    filled = next((user for user in demo_users if user["email"] == fill), None)
    context = {
        "demo_users": demo_users,
        "email": email,
        "password": filled["password"] if filled else "",
        "problem": problem,
    }
    return flow.draw("sign_in.html", context, status=status)


@router.get("/u/consent")
async def show_consent(http: Request, flow: PageFlow) -> Response:
    session = find_session(flow.world.state, http.cookies.get(COOKIE))
    if session is None:
        return flow.go_on(None)
    user = flow.world.state.row("SELECT * FROM user WHERE id = ?", session["user_id"])
    return flow.draw("consent.html", {"user": user, "scopes": flow.params["scope"].split()})


@router.post("/u/consent")
async def decide_consent(http: Request, flow: FormFlow, decision: Annotated[str, Form()] = "") -> Response:
    world = flow.world
    session = find_session(world.state, http.cookies.get(COOKIE))
    if session is None:
        return flow.go_on(None)
    key = (session["user_id"], flow.app["client_id"])
    if decision != "allow":
        world.state.db.execute("DELETE FROM consent WHERE user_id = ? AND client_id = ?", key)
        denied = {"error": "access_denied", "error_description": "User did not authorize the request"}
        return _close(world, flow.row, flow.params, **denied)
    world.state.db.execute(
        "INSERT OR REPLACE INTO consent (user_id, client_id, scope) VALUES (?, ?, ?)", (*key, flow.params["scope"])
    )
    return flow.go_on(session, consented=True)


# Logout


@router.get("/v2/logout")
async def logout(request: Request, world: WorldHere, client_id: str = "", returnTo: str = "") -> Response:
    app = _find_app(world, client_id)
    allowed = json.loads(app["logout_uris"])
    if returnTo and returnTo not in allowed:
        raise Stopped(400, "Logout URL mismatch", "The address to return to is not in the application's list.")
    end_session(world.state, request.cookies.get(COOKIE))
    response = RedirectResponse(returnTo or allowed[0], 302, headers={"Cache-Control": "no-store"})
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response
