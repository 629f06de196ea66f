"""Price alerts: each fires at the moment at which a shown price reaches its level, or expires.

As with orders, nothing has to be watched: an alert that waits carries `due_ms`, the moment at which to look at it
next, and everything happens at its own moment, however late somebody asks. Source: API fact sheet 5.9.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.market import Market
from sandbox.exchange.matching import LOOK_AHEAD_MS
from sandbox.exchange.options import option_ids
from sandbox.exchange.prices import Level
from sandbox.exchange.securities import find_by_id, security_of

OPERATORS = {"GTEQ": True, "LTEQ": False}

_DUE = "SELECT * FROM price_alert WHERE due_ms <= ? ORDER BY due_ms, id LIMIT 1"


class AlertRefused(Exception):
    """No such alert, or one that could never be met."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a client asks for; `argument` is a price in USD."""

    operator: str
    field: str
    security_id: int
    argument: Decimal
    expires_ms: int
    state: str


def find_alert(market: Market, user_id: int, alert_id: int) -> sqlite3.Row | None:
    return market.state.row("SELECT * FROM price_alert WHERE id = ? AND user_id = ?", alert_id, user_id)


def alerts_of(market: Market, user_id: int) -> list[sqlite3.Row]:
    return market.state.rows("SELECT * FROM price_alert WHERE user_id = ? ORDER BY id", user_id)


def create_alert(market: Market, user_id: int, trigger: Trigger) -> sqlite3.Row:
    """Raises AlertRefused. An alert whose level is reached already fires at once."""
    columns = _columns_of(market, trigger)
    with market.state.transaction():
        created = market.state.insert("price_alert", user_id=user_id, created_ms=market.now_ms(), **columns)
        _watch(market, created)
    return _row(market, created)


def change_alert(market: Market, user_id: int, alert_id: int, trigger: Trigger) -> sqlite3.Row:
    """Replace all of an alert; one that fired or ended can be armed again. Raises AlertRefused."""
    if find_alert(market, user_id, alert_id) is None:
        raise AlertRefused("There is no such alert.")
    columns = _columns_of(market, trigger)
    names = ", ".join(f"{name} = ?" for name in columns)
    with market.state.transaction():
        market.state.db.execute(
            f"UPDATE price_alert SET {names} WHERE id = ?",  # noqa: S608 - names of our own columns
            (*columns.values(), alert_id),
        )
        _watch(market, alert_id)
    return _row(market, alert_id)


def delete_alert(market: Market, user_id: int, alert_id: int) -> None:
    """Raises AlertRefused."""
    if find_alert(market, user_id, alert_id) is None:
        raise AlertRefused("There is no such alert.")
    market.state.db.execute("DELETE FROM price_alert WHERE id = ?", (alert_id,))


def fire_due(market: Market) -> None:
    """Let every alert fire or expire whose moment has come, in order of time."""
    now = market.now_ms()
    if market.state.row(_DUE, now) is None:
        return
    with market.state.transaction():
        while alert := market.state.row(_DUE, now):
            _happen(market, alert, alert["due_ms"])


def reschedule_alerts(market: Market, symbol: str | None = None) -> None:
    """Find new moments after prices or hours were changed by hand; options move with their underlying. Call `fire_due`
    first."""
    first, last = option_ids(security_of(symbol)) if symbol else (0, 0)
    rows = market.state.rows(
        "SELECT id FROM price_alert WHERE due_ms IS NOT NULL"
        " AND (symbol = coalesce(?, symbol) OR security_id BETWEEN ? AND ?)",
        symbol,
        first,
        last,
    )
    for row in rows:
        _watch(market, row["id"])


def _columns_of(market: Market, trigger: Trigger) -> dict[str, object]:
    security = find_by_id(trigger.security_id)
    if security is None:
        raise AlertRefused("There is no such security.")
    if trigger.state == "New" and trigger.expires_ms <= market.now_ms():
        raise AlertRefused("The alert would have expired already.")
    return {
        "operator": trigger.operator,
        "field": trigger.field,
        "security_id": security.id,
        "symbol": security.symbol,
        "argument": trigger.argument,
        "expires_ms": trigger.expires_ms,
        "state": trigger.state,
        "due_ms": None,
    }


def _row(market: Market, alert_id: int) -> sqlite3.Row:
    fire_due(market)
    row = market.state.row("SELECT * FROM price_alert WHERE id = ?", alert_id)
    assert row is not None  # noqa: S101 - it has just been written
    return row


def _watch(market: Market, alert_id: int) -> None:
    """Set the moment at which to look at an alert next, from now on."""
    row = market.state.row("SELECT * FROM price_alert WHERE id = ? AND state = 'New'", alert_id)
    if row is not None:
        _look_again(market, row, market.now_ms())


def _look_again(market: Market, alert: sqlite3.Row, after_ms: int) -> None:
    market.state.db.execute(
        "UPDATE price_alert SET due_ms = ? WHERE id = ?", (_next_moment(market, alert, after_ms), alert["id"])
    )


def _next_moment(market: Market, alert: sqlite3.Row, after_ms: int) -> int:
    """When the level is reached or the alert expires; at the latest in a day, so that a search never goes too far.

    While the market is closed prices stand still at the close, so only `after_ms` and closes need a look there.
    """
    horizon = min(alert["expires_ms"], after_ms + LOOK_AHEAD_MS)
    level, symbol = _level_of(alert), alert["symbol"]
    if level.is_reached(market.tape.quote(symbol, after_ms)):
        return after_ms
    for start, end in market.hours.open_intervals(after_ms, horizon):
        reached = market.tape.first_reach(symbol, level, from_ms=start, until_ms=end)
        if reached is not None:
            return reached
        if level.is_reached(market.tape.quote(symbol, end)):
            return end
    return horizon


def _level_of(alert: sqlite3.Row) -> Level:
    return Level(alert["field"].lower(), OPERATORS[alert["operator"]], alert["argument"])


def _happen(market: Market, alert: sqlite3.Row, moment: int) -> None:
    quote = market.tape.quote(alert["symbol"], moment)
    if alert["expires_ms"] <= moment:
        _end(market, alert, "Expired")
    elif _level_of(alert).is_reached(quote):
        _end(market, alert, "Completed")
        market.state.insert(
            "alert_event",
            alert_id=alert["id"], user_id=alert["user_id"], at_ms=moment, operator=alert["operator"],
            field=alert["field"], security_id=alert["security_id"], symbol=alert["symbol"],
            argument=alert["argument"], price=getattr(quote, alert["field"].lower()),
        )  # fmt: skip
    else:
        _look_again(market, alert, moment)


def _end(market: Market, alert: sqlite3.Row, state: str) -> None:
    market.state.db.execute("UPDATE price_alert SET state = ?, due_ms = NULL WHERE id = ?", (state, alert["id"]))
