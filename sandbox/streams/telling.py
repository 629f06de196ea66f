"""From changes in the tables to frames: who follows what has changed is told, in the order in which it happened."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from sandbox.exchange.balances import holdings
from sandbox.exchange.market import Market
from sandbox.exchange.orders import Order, get_order
from sandbox.exchange.securities import find_security
from sandbox.lists.watchlists import Watchlist, WatchlistRefused, find_watchlist
from sandbox.streams import frames
from sandbox.streams.hub import Hub


def tell(market: Market, hub: Hub, changes: list[sqlite3.Row]) -> None:
    """Push what has changed to those who follow it; nothing is drawn for nobody."""
    if not hub.connections:
        return
    for change in changes:
        if change["kind"] == "order":
            _tell_order(market, hub, change)
        elif change["kind"] == "position":
            _tell_position(market, hub, change)
        elif change["kind"] == "watchlist":
            _tell_watchlist(market, hub, change)
        elif change["kind"] == "watched":
            _tell_watched(hub, change)
        elif change["kind"] == "alert":
            _tell_alert(market, hub, change)
    kinds = {change["kind"] for change in changes}
    if "token" in kinds:
        hub.hang_up_dead()
    if kinds & {"order", "position", "cash"}:
        hub.tell_values("AccountBalance", "UserBalance")


def order_at(market: Market, event: sqlite3.Row) -> Order:
    """The order as it stood after an event of its history."""
    known = {name: event[name] for name in event.keys() if name not in ("id", "order_id", "at_ms", "is_request")}  # noqa: SIM118
    order = get_order(market.state, event["order_id"])
    happened = event["target"] == "Execution" or event["status"] in ("New", "PartiallyFilled", "Filled")
    moment = event["at_ms"]
    transaction_ms = moment if happened and not event["is_request"] else min(order.transaction_ms, moment)
    return replace(order, **known, date_ms=moment, transaction_ms=transaction_ms)


def _tell_order(market: Market, hub: Hub, change: sqlite3.Row) -> None:
    key = str(change["account_id"])
    if not hub.is_followed("Order", key):
        return
    event = market.state.row("SELECT * FROM order_event WHERE id = ?", change["row_id"])
    assert event is not None  # noqa: S101 - history is never deleted but by a reset, which forgets changes too
    hub.publish("Order", key, [frames.order_frame(market, order_at(market, event))])


def _tell_position(market: Market, hub: Hub, change: sqlite3.Row) -> None:
    account_id, position_id = change["account_id"], change["row_id"]
    if not hub.is_followed("Position", str(account_id)):
        return
    held = [each for each in holdings(market, account_id, market.now_ms()) if each.row["id"] == position_id]
    told = [frames.position_frame(each) for each in held]
    security = find_security(json.loads(change["note"])["symbol"])
    if not told and security is not None:
        told = [frames.gone_position_frame(position_id, account_id, security)]
    hub.publish("Position", str(account_id), told)


def _tell_watchlist(market: Market, hub: Hub, change: sqlite3.Row) -> None:
    note = json.loads(change["note"])
    if not hub.is_followed("Watchlist", str(note["user_id"])):
        return
    try:
        told = frames.watchlist_frame(note["user_id"], find_watchlist(market, note["user_id"], change["row_id"]))
    except WatchlistRefused:
        if "name" not in note:
            return  # the change that took it away comes after this one
        gone = Watchlist(change["row_id"], note["name"], note["create_ms"], market.now_ms(), ())
        told = frames.watchlist_frame(note["user_id"], gone, is_deleted=True)
    hub.publish("Watchlist", str(note["user_id"]), [told])


def _tell_watched(hub: Hub, change: sqlite3.Row) -> None:
    note = json.loads(change["note"])
    added, removed = ([note[name]] if name in note else [] for name in ("added", "removed"))
    told = frames.watchlist_content_frame(change["row_id"], added=added, removed=removed)
    hub.publish("WatchlistContent", str(change["row_id"]), [told])


def _tell_alert(market: Market, hub: Hub, change: sqlite3.Row) -> None:
    row = market.state.row("SELECT * FROM alert_event WHERE id = ?", change["row_id"])
    if row is not None:
        hub.publish("PriceAlert", str(row["user_id"]), [frames.alert_frame(row, state="Completed")])
