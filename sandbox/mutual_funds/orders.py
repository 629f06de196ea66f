"""Orders for mutual funds: placed by day, waiting as New and Stopped, traded in the evening at the price of the day.

Each has its row in `orders`, so that lists, balances and cancellation treat it like any other. The exchange accepts
and cancels it, but never fills it: that is done here.
"""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal

from sandbox.exchange.balances import post_cash
from sandbox.exchange.checks import Verdict
from sandbox.exchange.drafts import draft
from sandbox.exchange.fills import fill
from sandbox.exchange.funds import closable
from sandbox.exchange.lifecycle import end
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.orders import NEVER_MS, Order, get_order, insert_order, log_event, save_order
from sandbox.exchange.positions import Trade, move_shares
from sandbox.exchange.prices import Quote
from sandbox.mutual_funds.tickets import FundTicket, fund_of, judge_fund, session_for, shares_for

# The price of the day is known two hours after the close: at six in the evening, Eastern Time, as a rule.
PRICED_AFTER_CLOSE_MS = 2 * 3_600_000

_DUE = "SELECT * FROM fund_order WHERE due_ms <= ? ORDER BY due_ms, order_id LIMIT 1"


def place_fund_order(market: Market, account: sqlite3.Row, user_id: int, ticket: FundTicket) -> Order:
    """Take an order, good or bad: a refused one is kept as Rejected, with the reason."""
    verdict = judge_fund(market, account, user_id, ticket)
    shares = verdict.shares or ticket.amount
    order = draft(
        market, account["id"], user_id, ticket.as_ticket(shares),
        Verdict(verdict.code, verdict.text, verdict.security, quantity=shares),
    )  # fmt: skip
    order.fill_from_ms, order.expire_ms = NEVER_MS, None
    session = session_for(market)
    with market.state.transaction():
        if verdict.code is not None or session is None:
            order.turn("Rejected", request_status="Rejected", target="Reject", at_ms=order.create_ms)
            order.description, order.error_code, order.error_text = verdict.code, verdict.code, verdict.text
        else:
            order.claim = order.reserved = verdict.claim
            order.due_ms = order.accept_ms
        insert_order(market.state, order)
        log_event(market.state, order, at_ms=order.create_ms, is_request=True)
        if order.due_ms is not None and session is not None:
            _remember(market, order, ticket, session.closes_ms + PRICED_AFTER_CLOSE_MS)
    return order


def _remember(market: Market, order: Order, ticket: FundTicket, nav_ms: int) -> None:
    target = fund_of(ticket.target)
    market.state.insert(
        "fund_order",
        order_id=order.id, kind=ticket.kind, amount=ticket.amount, qualifier=ticket.qualifier,
        target=target.symbol if target else None, reinvest=json.dumps(ticket.reinvest), nav_ms=nav_ms,
        due_ms=order.accept_ms,
    )  # fmt: skip


def is_fund_order(market: Market, account_id: int, order_id: int) -> bool:
    found = market.state.row(
        "SELECT 1 FROM fund_order JOIN orders ON id = order_id WHERE order_id = ? AND account_id = ?",
        order_id,
        account_id,
    )
    return found is not None


def run_due_funds(market: Market) -> None:
    """Let everything happen to orders for funds that is due by now. Call the exchange's `run_due` first."""
    now = market.now_ms()
    if market.state.row(_DUE, now) is None:
        return
    with market.state.transaction():
        while asked := market.state.row(_DUE, now):
            order = get_order(market.state, asked["order_id"])
            is_evening = asked["due_ms"] >= asked["nav_ms"]
            if not order.is_final:
                (_trade if is_evening else _wait)(market, order, asked)
            due_ms = None if is_evening or order.is_final else asked["nav_ms"]
            market.state.db.execute("UPDATE fund_order SET due_ms = ? WHERE order_id = ?", (due_ms, order.id))


def _wait(market: Market, order: Order, asked: sqlite3.Row) -> None:
    """Accepted, but not at work before evening (C74)."""
    if order.status == "New":
        order.execution_status = "Stopped"
        save_order(market.state, order)
        log_event(market.state, order, at_ms=asked["due_ms"])


def _trade(market: Market, order: Order, asked: sqlite3.Row) -> None:
    moment = asked["nav_ms"]
    quote = market.tape.quote(order.symbol, moment)
    shares = _shares_to_trade(market, order, asked, quote)
    if shares <= 0:
        end(market, order, "Canceled", target="Cancel", at_ms=moment, description="Nothing is left to sell")
    else:
        order.quantity = shares
        fill(market, order, quote, shares, moment)
        if asked["target"]:
            _buy_target(market, order, asked["target"], cents(shares * quote.last), moment)
    order.due_ms = None
    save_order(market.state, order)


def _shares_to_trade(market: Market, order: Order, asked: sqlite3.Row, quote: Quote) -> Decimal:
    """What the amount is in shares at the price of the evening; never more than there are."""
    amount: Decimal = asked["amount"]
    wanted = amount if asked["qualifier"] == "Shares" else shares_for(amount, quote.last)
    if order.is_buy:
        return wanted
    free = closable(market, order.account_id, order.symbol, "Sell", besides=order)
    return free if asked["kind"] in ("Exchange", "Liquidate") else min(wanted, free)


def _buy_target(market: Market, order: Order, symbol: str, value: Decimal, moment: int) -> None:
    """The other half of an exchange: what the sale brought buys the sister fund, free of commission."""
    quote = market.tape.quote(symbol, moment)
    shares = shares_for(value, quote.last)
    move_shares(market, Trade(order.account_id, symbol, shares, value, moment))
    post_cash(
        market, order.account_id, at_ms=moment, kind="OrderExecution", amount=-value, order_id=order.id,
        symbol=symbol, quantity=shares, price=quote.last,
    )  # fmt: skip
    market.state.insert(
        "execution",
        order_id=order.id, account_id=order.account_id, symbol=symbol, side="Buy", quantity=shares, price=quote.last,
        bid=quote.bid, ask=quote.ask, contract_size=1, commission=ZERO, realized=ZERO, at_ms=moment,
    )  # fmt: skip
