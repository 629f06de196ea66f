"""What travels on a stream: flat JSON in which every value is text. Fields: API fact sheet 9.5 to 9.9."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.api.shapes import lists as list_shapes
from sandbox.api.shapes import orders as order_shapes
from sandbox.api.shapes import positions as position_shapes
from sandbox.api.shapes.securities import quote_model
from sandbox.clock import parse_iso
from sandbox.exchange.balances import Holding
from sandbox.exchange.bars import Bars
from sandbox.exchange.calendar import eastern_day
from sandbox.exchange.companies import fundamentals_of
from sandbox.exchange.day import year_of
from sandbox.exchange.market import Market
from sandbox.exchange.money import number
from sandbox.exchange.orders import Order
from sandbox.exchange.prices import Quote
from sandbox.exchange.securities import Security
from sandbox.lists.watchlists import Watchlist

Fields = dict[str, str]

TEXT_FRAME = 0x81  # final, text; a server's frames are not masked (RFC 6455, 5.2)
FIVE_DECIMALS = Decimal("0.00001")
NEVER = "01/01/1970 00:00:00"
NO_EXPIRATION = "-62135596800000"

ORDER_TEXTS = (
    "Id", "SecurityId", "Symbol", "Name", "SecurityType", "Exchange", "Currency", "AccountId", "Side", "Type",
    "InitialType", "Status", "ExecutionStatus", "TimeInForce", "Description", "Comment", "ParentId", "ExtendedHours",
    "TrailingStopAmountType", "TrailingLimitAmountType",
)  # fmt: skip
ORDER_NUMBERS = (
    "Quantity", "Price", "StopPrice", "ExecutedQuantity", "LeavesQuantity", "LastPrice", "LastQuantity",
    "AveragePrice", "TrailingStopAmount", "TrailingLimitAmount",
)  # fmt: skip
ORDER_MOMENTS = ("CreateDate", "Date", "TransactionDate", "ExpireDate")
QUOTE_TEXTS = (
    "QuoteTypes", "Key", "Ask", "AskSize", "Bid", "BidSize", "Last", "Price", "Open", "High", "Low", "Close", "Volume",
    "TotalDailyVolume", "Change", "ChangePc", "PreviousClose", "Week52Low", "Week52High", "OpenInterest",
)  # fmt: skip
FUNDAMENTALS = (
    "AverageVolume3Month", "MarketCap", "Eps", "PeRatio", "Beta", "Dividend", "DividendShare", "DividendYield",
)  # fmt: skip
POSITION_TEXTS = (
    "Id", "AccountId", "SecurityId", "Symbol", "Name", "CompanyName", "SecurityType", "Currency", "ContractSize",
)  # fmt: skip
POSITION_NUMBERS = (
    "Quantity", "CostBasis", "DailyCostBasis", "RealizedProfitLoss", "AverageOpenPrice", "AverageClosePrice",
)  # fmt: skip
POSITION_MOMENTS = ("CreateDate", "ModifyDate")


def encode(fields: Mapping[str, str]) -> bytes:
    """One JSON object as a WebSocket frame: the same bytes for everybody who is to see it."""
    payload = json.dumps(fields, separators=(",", ":")).encode()
    size = len(payload)
    if size < 126:
        return bytes((TEXT_FRAME, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", TEXT_FRAME, 126, size) + payload
    return struct.pack("!BBQ", TEXT_FRAME, 127, size) + payload


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def date_text(ms: int) -> str:
    """UTC, to the second."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%m/%d/%Y %H:%M:%S")


def _five(value: Any) -> str:
    return format(Decimal(value or 0).quantize(FIVE_DECIMALS), "f")


def _drawn(shape: Mapping[str, Any], texts: tuple[str, ...], numbers: tuple[str, ...]) -> Fields:
    return {name: as_text(shape.get(name)) for name in texts} | {name: _five(shape.get(name)) for name in numbers}


def _moments(shape: Mapping[str, Any], names: tuple[str, ...]) -> Fields:
    return {name: str(parse_iso(shape[name])) for name in names}


def _underlying(shape: Mapping[str, Any]) -> Fields:
    """What an option is written on; "no underlying" for everything else."""
    expires = shape.get("UnderlyingExpirationDate")
    return {
        "UnderlyingSymbol": as_text(shape.get("UnderlyingSymbol")),
        "UnderlyingId": as_text(shape.get("UnderlyingId", -1)),
        "UnderlyingStrike": _five(shape.get("UnderlyingStrike")),
        "UnderlyingOptionType": as_text(shape.get("UnderlyingOptionType", "Call")),
        "UnderlyingExpirationDate": NO_EXPIRATION if expires is None else str(expires),
        "UnderlyingExpirationType": as_text(shape.get("UnderlyingExpirationType", "Regular")),
    }


def quote_frame(market: Market, security: Security, quote: Quote) -> Fields:
    """Show `Price`: `Last` stands still at the regular close."""
    shape = quote_model(market, security, quote)
    moment = date_text(quote.at_ms)
    return {
        "EntityType": "Quote",
        **{name: as_text(shape.get(name, 0)) for name in QUOTE_TEXTS},
        "AskMarket": as_text(shape.get("AskExchange")),
        "BidMarket": as_text(shape.get("BidExchange")),
        "LastMarket": as_text(shape.get("LastExchange")),
        **dict.fromkeys(("Date", "AskTime", "BidTime", "AskUpdate", "BidUpdate"), moment),
        "DayHigh": as_text(shape["High"]),
        "DayLow": as_text(shape["Low"]),
        **_fundamentals(market, security, quote),
        "TradeCondition": "",
        "Sector": security.industry or "",
        "DontAffectCandle": "False",
        "UnixTimeStamp": str(quote.at_ms // 1000),
    }


def _fundamentals(market: Market, security: Security, quote: Quote) -> Fields:
    """Of options and where the vendor supplies nothing: 0, as it says itself."""
    if security.is_option:
        return dict.fromkeys(FUNDAMENTALS, "0")
    found = fundamentals_of(security, quote.last, today=eastern_day(quote.at_ms))
    figures = {
        "AverageVolume3Month": year_of(market.tape, security, quote.at_ms).average_volume,
        "Eps": found.earnings,
        "PeRatio": found.price_to_earnings,
        "Dividend": found.dividend,
        "DividendShare": found.dividend_of_year,
        "DividendYield": found.dividend_yield,
    }
    return {name: as_text(figures.get(name, 0)) for name in FUNDAMENTALS}


def candle_frame(key: str, bars: Bars, place: int, *, is_completed: bool) -> Fields:
    prices = {name: format(getattr(bars, name.lower())[place], ".2f") for name in ("Open", "High", "Low", "Close")}
    return {
        "EntityType": "Candle",
        "Key": key,
        **prices,
        "Volume": str(int(bars.volume[place])),
        "Time": str(int(bars.time[place])),
        "IsMarket": str(bool(bars.is_market[place])),
        "IsCompleted": str(is_completed),
    }


def order_frame(market: Market, order: Order) -> Fields:
    """An order as it stands; children of a conditional order have frames of their own."""
    shape = order_shapes.order(market, order)
    reason = shape.get("ErrorDescriptionText") or shape.get("Description")
    return {
        "EntityType": "Order",
        **_drawn(shape, ORDER_TEXTS, ORDER_NUMBERS),
        **_moments(shape, ORDER_MOMENTS),
        "DateOffset": "0",
        "DateText": date_text(order.date_ms),
        "TransactionDateText": date_text(order.transaction_ms),
        "ExecInst": as_text(shape.get("ExecInstNum", 0)),
        "RejectReason": as_text(reason if order.status == "Rejected" else None),
        **_underlying(shape),
        "BrokerServiceCommission": "0.00000",
    }


def position_frame(holding: Holding) -> Fields:
    shape = position_shapes.position(holding)
    return {
        "EntityType": "Position",
        **_drawn(shape, POSITION_TEXTS, POSITION_NUMBERS),
        "Exchange": holding.security.mic,
        **_moments(shape, POSITION_MOMENTS),
        "CreateDateOffset": "0",
        "ModifyDateOffset": "0",
        **_underlying(shape),
    }


def gone_position_frame(position_id: int, account_id: int, security: Security) -> Fields:
    """A position that was taken out of the account from outside."""
    return {
        "EntityType": "Position",
        "Id": str(position_id),
        "AccountId": str(account_id),
        "SecurityId": str(security.id),
        "Symbol": security.symbol,
        "Quantity": _five(0),
    }


def balance_frame(entity: str, key: str, balances: Mapping[str, Decimal]) -> Fields:
    """The figures are in `Items`, JSON inside of the JSON; the outer ones stay 0, as the vendor's do."""
    items = [{"Name": name, "Value": number(value)} for name, value in balances.items()]
    fields = {
        "EntityType": entity,
        "AccountId": key,
        "CashBalance": "0",
        "PendingCash": "0",
        "PendingOrdersCount": "0",
        "Items": json.dumps(items, separators=(",", ":")),
    }
    return fields if entity == "AccountBalance" else fields | {"Key": key}


def watchlist_frame(user_id: int, found: Watchlist, *, is_deleted: bool = False) -> Fields:
    """`id` in lower case, as the vendor has it."""
    shape = list_shapes.watchlist(found, with_securities=False)
    return {
        "EntityType": "Watchlist",
        "id": str(found.id),
        "Key": str(user_id),
        "CreateDate": date_text(found.create_ms),
        "ModifyDate": NEVER if found.modify_ms is None else date_text(found.modify_ms),
        "Description": "",
        "IsDeleted": str(is_deleted),
        "Name": found.name,
        "Type": as_text(shape["Type"]),
        "UserId": str(user_id),
    }


def watchlist_content_frame(watchlist_id: int, *, added: list[int], removed: list[int]) -> Fields:
    """Security ids with `;` between them, the word "null" for none."""
    return {
        "EntityType": "WatchlistContent",
        "Key": str(watchlist_id),
        "AddedSymbols": ";".join(map(str, added)) or "null",
        "RemovedSymbols": ";".join(map(str, removed)) or "null",
    }


def alert_frame(row: sqlite3.Row, *, state: str) -> Fields:
    """An alert, under a name of our own: the vendor mentions such frames and does not name them. `row` is an
    alert that waits or the record of one that fired."""
    fired = "price" in row.keys()  # noqa: SIM118 - a row of the database
    return {
        "EntityType": "PriceAlert",
        "Id": str(row["alert_id"] if fired else row["id"]),
        "Key": str(row["user_id"]),
        "State": state,
        "SecurityId": str(row["security_id"]),
        "Symbol": row["symbol"],
        "Field": row["field"],
        "Operator": row["operator"],
        "Argument": as_text(row["argument"]),
        "Price": as_text(row["price"]) if fired else "0",
        "Date": str(row["at_ms"] if fired else row["created_ms"]),
    }
