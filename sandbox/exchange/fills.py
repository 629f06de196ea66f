"""Fills: how much trades at once, and what a trade does to the order, the cash and the shares."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

from sandbox.exchange.balances import post_cash
from sandbox.exchange.checks import commissions_of
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents
from sandbox.exchange.options import expiration_of
from sandbox.exchange.orders import Order, log_event
from sandbox.exchange.positions import Trade, move_shares
from sandbox.exchange.prices import STEP_MS, Quote
from sandbox.exchange.securities import security_of
from sandbox.exchange.tickets import AUCTIONS

MOST_SLICES, LARGEST_TOUCH = 8, 500
SIZE_AT_ONCE = Decimal(LARGEST_TOUCH * MOST_SLICES)


def slice_at(market: Market, order: Order, moment: int) -> Decimal:
    """How much of the order trades in this second; 0 if it wants all and the market has less.

    The touch offers 100 to 500 shares, and at least an eighth of the order, so that eight seconds fill any order.
    Orders that want all or nothing find eight times the touch; one that may wait finds a touch more with each further
    second. An auction has enough for everybody.
    """
    if order.tif in AUCTIONS:
        return order.leaves
    if is_stuck(market, order):
        return ZERO
    touch = market.tape.liquidity(order.symbol, order.id, moment)
    if market.script_of(order.symbol, order.scripted_quantity).is_half:
        return min((order.quantity / 2).to_integral_value(ROUND_UP) - order.executed, touch)
    if order.is_all_or_none or order.tif == "FillOrKill":
        waited = (moment - order.accept_ms) // STEP_MS if order.is_all_or_none else 0
        return order.leaves if order.leaves <= touch * max(MOST_SLICES, waited) else ZERO
    fair_share = (order.quantity / MOST_SLICES).to_integral_value(ROUND_UP)
    return min(order.leaves, max(touch, fair_share))


def is_stuck(market: Market, order: Order) -> bool:
    """Half-filled by its script, it will never trade again, whatever the price."""
    is_half = market.script_of(order.symbol, order.scripted_quantity).is_half
    return is_half and order.executed * 2 >= order.quantity


def size_gathers_ms(order: Order) -> int:
    """Before this moment there cannot be enough for all of the order; 0 unless it wants all or none of much."""
    if not order.is_all_or_none or order.leaves <= SIZE_AT_ONCE:
        return 0
    return order.accept_ms + int(order.leaves / LARGEST_TOUCH) * STEP_MS


def fill(
    market: Market, order: Order, quote: Quote, quantity: Decimal, moment: int, *, pays_per_trade: bool = True
) -> None:
    """Trade a slice at the touch: the buyer pays the ask, the seller gets the bid. The commission per trade is paid
    with the first slice, unless somebody else pays it."""
    price = quote.for_side(order.side)
    contracts = quantity if order.contract_size > 1 else ZERO
    commissions = commissions_of(market, contracts, is_first=pays_per_trade and not order.executed)
    commission = sum(commissions.values(), ZERO)
    rest_of_claim = max(order.claim - commission, ZERO)
    rest_of_reserve = max(order.reserved - commission, ZERO)
    leaves_before = order.leaves

    order.executed += quantity
    order.executed_value += quantity * price
    order.last_price, order.last_quantity = price, quantity
    order.exec_id = f"{order.id}-{moment}"
    order.transaction_ms = moment
    order.fill_from_ms = (moment // STEP_MS + 1) * STEP_MS
    order.claim = cents(rest_of_claim * order.leaves / leaves_before)
    order.reserved = cents(rest_of_reserve * order.leaves / leaves_before)
    _settle(market, order, quote, quantity=quantity, commission=commission, at_ms=moment)

    if not order.leaves:
        order.turn("Filled", request_status="Complete", target="Execution", at_ms=moment)
    elif order.cancel_ms is None and order.replace_ms is None:
        order.turn("PartiallyFilled", request_status="Complete", target="Execution", at_ms=moment)
    log_event(market.state, order, at_ms=moment)


def _settle(market: Market, order: Order, quote: Quote, *, quantity: Decimal, commission: Decimal, at_ms: int) -> None:
    """Move cash and shares for one slice."""
    price = quote.for_side(order.side)
    value = cents(quantity * price * order.contract_size)
    sign = 1 if order.is_buy else -1
    security = security_of(order.symbol)
    expires_ms = expiration_of(security).ends_ms if security.is_option else None
    trade = Trade(order.account_id, order.symbol, sign * quantity, value, at_ms, expires_ms)
    realized = move_shares(market, trade)
    post_cash(
        market, order.account_id, at_ms=at_ms, kind="OrderExecution", amount=-sign * value, order_id=order.id,
        symbol=order.symbol, quantity=sign * quantity, price=price, realized=realized,
    )  # fmt: skip
    post_cash(
        market, order.account_id, at_ms=at_ms, kind="Commission", amount=-commission, order_id=order.id,
        symbol=order.symbol,
    )  # fmt: skip
    market.state.insert(
        "execution",
        order_id=order.id, account_id=order.account_id, symbol=order.symbol, side=order.side, quantity=quantity,
        price=price, bid=quote.bid, ask=quote.ask, contract_size=order.contract_size, commission=commission,
        realized=realized, at_ms=at_ms,
    )  # fmt: skip
