"""What an account transfer brings: cash, shares and options; understood when asked for, booked when it is done."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.exchange.balances import post_cash
from sandbox.exchange.margin import may_borrow
from sandbox.exchange.market import Market
from sandbox.exchange.money import CENT, ZERO, cents, number
from sandbox.exchange.options import expiration_of, listed_since_ms
from sandbox.exchange.positions import Trade, move_shares
from sandbox.exchange.securities import SECURITIES, find_security, security_of
from sandbox.exchange.walk import key_of, mix

KIND = "Clearing"


class ContentsRefused(Exception):
    """What is asked for does not exist, or cannot be held in this account."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Shares or contracts of a symbol, or USD without one; negative for what is owed."""

    symbol: str | None
    quantity: Decimal


def cash(amount: Decimal, *, is_owed: bool) -> Piece:
    """Raises ContentsRefused for parts of a cent."""
    if amount != cents(amount):
        raise ContentsRefused("Cash is counted in cents.")
    return Piece(None, -amount if is_owed else amount)


def shares(symbol: str, quantity: Decimal, *, is_short: bool) -> Piece:
    """Raises ContentsRefused for a security that nobody knows here, and for parts of a share."""
    security = find_security(symbol)
    if security is None or security.is_option:
        raise ContentsRefused(f"No such security: {symbol}")
    if quantity % 1 and not security.is_fund:
        raise ContentsRefused("Only whole shares can be transferred.")
    return Piece(security.symbol, -quantity if is_short else quantity)


def option(
    market: Market, underlying: str, day: date, option_type: str, strike: Decimal, quantity: Decimal, *, is_short: bool
) -> Piece:
    """`option_type` is PUT or CALL. Raises ContentsRefused unless the contract is listed at this moment."""
    root = underlying.strip().upper().replace(".", "")
    symbol = f"{root}{day:%y%m%d}{option_type[0]}{int(strike * 1000):08}"
    security = find_security(symbol)
    if security is None or strike != security.strike or quantity % 1:
        raise ContentsRefused(f"No such option: {symbol}")
    if not listed_since_ms(security) <= market.now_ms() < expiration_of(security).ends_ms:
        raise ContentsRefused(f"Not listed: {security.symbol}")
    return Piece(security.symbol, -quantity if is_short else quantity)


def check_contents(account: sqlite3.Row, pieces: Sequence[Piece]) -> None:
    """Raises ContentsRefused for nothing at all, and for debts in an account that must not have any."""
    if not pieces:
        raise ContentsRefused("Say what is to be transferred.")
    if not may_borrow(account) and any(piece.quantity < 0 for piece in pieces):
        raise ContentsRefused("Debts and short positions need a margin account.")


def whole_account(market: Market, from_account: str) -> list[Piece]:
    """What the other broker holds under this number: some cash and two stocks, always the same for the same seed."""
    luck = mix(key_of(market.seed, "account elsewhere"), key_of(from_account))
    stocks = [symbol for symbol, security in SECURITIES.items() if security.type == "CommonStock"]
    first = luck % len(stocks)
    second = (first + 1 + (luck >> 16) % (len(stocks) - 1)) % len(stocks)
    return [
        Piece(None, (100_000 + (luck >> 24) % 900_000) * CENT),
        Piece(stocks[first], Decimal(5 + (luck >> 40) % 45)),
        Piece(stocks[second], Decimal(5 + (luck >> 48) % 45)),
    ]


def book_contents(market: Market, account_id: int, pieces: Sequence[Piece], *, origin: str, at_ms: int) -> None:
    """Put everything into the account. Shares cost what they are worth at that moment, since nobody tells what they
    were bought for; options that have expired on the way do not arrive."""
    for piece in pieces:
        note = f"Account transfer from {origin}"
        if piece.symbol is None:
            post_cash(market, account_id, at_ms=at_ms, kind=KIND, amount=piece.quantity, order_id=None, note=note)
            continue
        security = security_of(piece.symbol)
        expires_ms = expiration_of(security).ends_ms if security.is_option else None
        if expires_ms is not None and expires_ms <= at_ms:
            continue
        price = market.tape.quote(piece.symbol, at_ms).last
        value = cents(abs(piece.quantity) * price * security.contract_size)
        realized = move_shares(market, Trade(account_id, piece.symbol, piece.quantity, value, at_ms, expires_ms))
        post_cash(
            market, account_id, at_ms=at_ms, kind=KIND, amount=ZERO, order_id=None, symbol=piece.symbol,
            quantity=piece.quantity, price=price, realized=realized,
            note=f"{note}: {number(piece.quantity)} {piece.symbol}",
        )  # fmt: skip
