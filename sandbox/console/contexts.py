"""What each page of the console shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.api.members import ORDER_STATUSES
from sandbox.clock import iso, parse_iso
from sandbox.console.paging import Reader, list_page
from sandbox.control import people
from sandbox.control.message_faults import ACTIONS as MESSAGE_ACTIONS
from sandbox.control.plane import show_clock, show_faults, show_prices
from sandbox.exchange.balances import holdings, worth
from sandbox.exchange.calendar import NEW_YORK
from sandbox.exchange.orders import Order, read_orders
from sandbox.exchange.scripted import HALTED_AT_FIRST, SCRIPTS, Script
from sandbox.exchange.securities import SECURITIES
from sandbox.seed import DEMO_PASSWORD
from sandbox.streams.sources import SOURCES
from sandbox.webhooks import outbox
from sandbox.webhooks.events import EVENTS
from sandbox.world import World

LATEST = 8
SPARK_MINUTES, SPARK_POINTS = 60, 30

REQUEST_FAULTS = (
    ("refuse", "drop the connection, do nothing"), ("hang_before", "never answer, do nothing"),
    ("hang_after", "never answer, but do it"), ("reset", "do it, then reset"), ("truncate", "half an answer"),
    ("slow", "answer late"), ("status", "answer with a status"),
)  # fmt: skip
WORDS = {
    "drop": "lose it", "duplicate": "send it twice", "reorder": "after the next one", "disconnect": "cut the line",
    "silence": "say nothing for a minute",
}  # fmt: skip

Wanted = Mapping[str, str]
Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    path: str
    title: str
    template: str
    read: Callable[[World, Wanted], Context]


def context_of(world: World, page: Page, wanted: Wanted, *, problem: str = "") -> Context:
    """Everything on the page: what all of them show, and its own part."""
    clock = show_clock(world)
    eastern = datetime.fromtimestamp(parse_iso(clock["now"]) / 1000, UTC).astimezone(NEW_YORK)
    return {
        "page": page,
        "pages": PAGES,
        "clock": clock | {"eastern": f"{eastern:%a} {eastern.day} {eastern:%b %Y, %H:%M:%S}"},
        "counts": _counts(world),
        "web_port": world.web_port,
        "problem": problem,
        "wanted": _Wanted(wanted),
        **page.read(world, wanted),
    }


class _Wanted(dict[str, str]):
    """What the query string asks for; empty where it says nothing."""

    def __missing__(self, name: str) -> str:
        return ""


def _counts(world: World) -> dict[str, int]:
    """What deserves a look, beside the names of the pages."""

    def count(sql: str) -> int:
        row = world.state.row(f"SELECT count(*) AS n FROM {sql}")  # noqa: S608 - our own words
        return int(row["n"]) if row else 0

    counts = dict.fromkeys((page.path for page in PAGES), 0)
    return counts | {
        "/console/orders": count("orders WHERE due_ms IS NOT NULL"),
        "/console/faults": sum(rule.count != 0 for rule in world.faults.rules),
        "/console/webhooks": count("webhook_delivery WHERE status = 'pending'"),
        "/console/mail": count("mail"),
        "/console/money": count("transfer WHERE due_ms IS NOT NULL"),
    }


def _overview(world: World, wanted: Wanted) -> Context:
    rows = world.state.rows("SELECT * FROM orders ORDER BY id DESC LIMIT ?", LATEST)
    found = list_page(wanted, _finder(world, _FOUND_ACCOUNTS, wanted))
    return {
        "listing": found,
        "accounts": [_account(world, row) for row in found.rows],
        "orders": read_orders(rows),
        "streams": len(world.hub.connections),
        "requests": world.requests,
    }


_WANTED = "(:text IN ('', {}) OR instr(lower(email), :text) OR instr(lower(first_name || ' ' || last_name), :text))"
_ACCOUNTS = (
    "SELECT account.*, alias, email FROM account JOIN account_user ON account_id = account.id"
    " JOIN user ON user.id = user_id"
)
_PART = "LIMIT :limit OFFSET :offset"
_FOUND_ACCOUNTS = f"{_ACCOUNTS} WHERE {_WANTED.format('CAST(account.id AS TEXT)')} ORDER BY account.id {_PART}"
_USERS = "SELECT email FROM user"
_FOUND_USERS = f"{_USERS} WHERE {_WANTED.format('CAST(id AS TEXT)')} ORDER BY administrator, id {_PART}"


def _finder(world: World, sql: str, wanted: Wanted) -> Reader:
    """Reads who has the wanted text as an id, or somewhere in the name or e-mail address; without a text everybody."""
    text = wanted.get("text", "").strip().lower()
    return lambda limit, offset: world.state.db.execute(
        sql, {"text": text, "limit": limit, "offset": offset}
    ).fetchall()


def _latest(world: World, table: str, column: str, where: str = "1 = 1", *values: object) -> Reader:
    """Reads rows of a table, those with the largest numbers first."""
    return lambda limit, offset: world.state.rows(
        f"SELECT * FROM {table} WHERE {where} ORDER BY {column} DESC LIMIT ? OFFSET ?",  # noqa: S608 - our own words
        *values,
        limit,
        offset,
    )


def _account(world: World, row: Any) -> Context:
    now = world.market.now_ms()
    return {"row": row, "worth": worth(world.market, row, now), "holdings": holdings(world.market, row["id"], now)}


def _orders(world: World, wanted: Wanted) -> Context:
    asked = {
        "account_id": wanted.get("account", "").strip(),
        "status": wanted.get("status", ""),
        "symbol": wanted.get("symbol", "").strip().upper(),
    }
    asked = {column: value for column, value in asked.items() if value}
    where = " AND ".join(["1 = 1", *(f"{column} = ?" for column in asked)])
    found = list_page(wanted, _latest(world, "orders", "id", where, *asked.values()))
    orders = read_orders(found.rows)
    return {
        "listing": found,
        "orders": orders,
        "timelines": {order.id: _timeline(world, order) for order in orders},
        "statuses": sorted((*ORDER_STATUSES, "Held")),
    }


def _timeline(world: World, order: Order) -> list[Context]:
    rows = world.state.rows("SELECT * FROM order_event WHERE order_id = ? ORDER BY id", order.id)
    return [{**dict(row), "at": iso(row["at_ms"])} for row in rows]


def _prices(world: World, wanted: Wanted) -> Context:
    prices = show_prices(world)
    return {
        "prices": prices,
        "securities": SECURITIES,
        "halted": world.market.halted,
        "scripts": {symbol: _meaning(symbol, script) for symbol, script in SCRIPTS.items()},
        "sparks": {symbol: _spark(world, symbol) for symbol in prices},
        "changes": {
            symbol: Decimal(price["last"]) - Decimal(price["previous_close"]) for symbol, price in prices.items()
        },
    }


def _meaning(symbol: str, script: Script) -> str:
    """What becomes of an order for it."""
    if script.refusal:
        return f"Preview and placement refuse it: {script.refusal}"
    if script.late_reject:
        return f"Taken with a good answer, then rejected: {script.late_reject}"
    if script.is_half:
        return "Half of it is filled, the rest waits for ever"
    if script.delay_ms:
        return f"Its first fill comes {script.delay_ms // 1000} seconds later than usual"
    if script.hangs:
        return "Taken, but the answer does not come"
    return "Halted until trading goes on" if symbol in HALTED_AT_FIRST else script.name


def _spark(world: World, symbol: str) -> str:
    """Points of a line over the last hour, in a field of 96 by 24; one look at the tape every two minutes."""
    step = SPARK_MINUTES * 60_000 // SPARK_POINTS
    now = world.market.now_ms()
    moments = [now // step * step - step * back for back in reversed(range(SPARK_POINTS))]
    lasts = [float(world.market.tape.quote(symbol, moment).last) for moment in [*moments, now]]
    low, span = min(lasts), (max(lasts) - min(lasts)) or 1.0
    return " ".join(
        f"{place * 96 / SPARK_POINTS:.1f},{22 - (last - low) / span * 20:.1f}" for place, last in enumerate(lasts)
    )


def _faults(world: World, wanted: Wanted) -> Context:
    faults = show_faults(world)
    names = ("on", "entity", "event", "key", "account", "method", "path", "regex", "seconds", "status", "headers")
    rules = [dict.fromkeys(names) | rule for rule in faults["rules"]]
    return {
        "faults": faults | {"rules": rules},
        "request_faults": REQUEST_FAULTS,
        "message_faults": [
            (on, action, f"{on}: {WORDS[action]}") for on, actions in MESSAGE_ACTIONS.items() for action in actions
        ],
        "entities": tuple(SOURCES),
        "events": EVENTS,
    }


def _webhooks(world: World, wanted: Wanted) -> Context:
    return {
        "endpoints": outbox.list_endpoints(world.market),
        "listing": list_page(wanted, lambda limit, offset: outbox.list_deliveries(world.market, limit, offset)),
        "apps": people.list_apps(world),
        "events": EVENTS,
    }


def _requests(world: World, wanted: Wanted) -> Context:
    text, outcome = wanted.get("text", ""), wanted.get("outcome", "")
    shown = [
        entry
        for entry in reversed(world.requests)
        if text in entry["path"]
        and (outcome != "faults" or entry["fault"])
        and (outcome != "errors" or entry["status"] is None or entry["status"] >= 400)
    ]
    return {"listing": list_page(wanted, lambda limit, offset: shown[offset : offset + limit])}


def _people(world: World, wanted: Wanted) -> Context:
    found = list_page(wanted, _finder(world, _FOUND_USERS, wanted))
    return {
        "listing": found,
        "users": [people.describe_user(world, row["email"]) for row in found.rows],
        "agreements": people.list_agreements(world),
        "password": DEMO_PASSWORD,
    }


def _mail(world: World, wanted: Wanted) -> Context:
    return {"listing": list_page(wanted, _latest(world, "mail", "id")), "iso": iso}


def _money(world: World, wanted: Wanted) -> Context:
    return {
        "transfers": list_page(wanted, _latest(world, "transfer", "number")),
        "links": list_page(wanted, _latest(world, "bank_link", "number"), name="links"),
        "iso": iso,
    }


PAGES = (
    Page("/", "Overview", "console/overview.html", _overview),
    Page("/console/orders", "Orders", "console/orders.html", _orders),
    Page("/console/prices", "Prices", "console/prices.html", _prices),
    Page("/console/faults", "Faults", "console/faults.html", _faults),
    Page("/console/webhooks", "Webhooks", "console/webhooks.html", _webhooks),
    Page("/console/requests", "Requests", "console/requests.html", _requests),
    Page("/console/people", "People", "console/people.html", _people),
    Page("/console/mail", "Mail", "console/mail.html", _mail),
    Page("/console/money", "Money", "console/money.html", _money),
)
