"""Securities and their quotes."""

from __future__ import annotations

from typing import Any

from sandbox.clock import iso
from sandbox.exchange.day import day_of
from sandbox.exchange.fractions import fractions_of
from sandbox.exchange.market import Market
from sandbox.exchange.money import rounded
from sandbox.exchange.options import expiration_of, underlying_of
from sandbox.exchange.prices import Quote
from sandbox.exchange.securities import Security

LISTED = "2019-01-02T00:00:00Z"


def equity(security: Security) -> dict[str, Any]:
    return {
        "Id": security.id,
        "Symbol": security.symbol,
        "Description": security.name,
        "Exchange": security.mic,
        "Currency": "USD",
        "Type": security.type,
        "Industry": security.industry,
        "TickSize": security.tick,
        "Precision": security.precision,
        "VolumePrecision": 0,
        "ContractSize": 1,
        "AddedDate": LISTED,
        "ModifyDate": LISTED,
        "Enabled": True,
        "AllowTrade": True,
        "AllowMargin": True,
        "AllowShort": True,
    }


def quote_model(market: Market, security: Security, quote: Quote) -> dict[str, Any]:
    previous = market.tape.previous_close(security.symbol, quote.at_ms)
    change = quote.last - previous
    day = day_of(market.tape, security.symbol, quote.at_ms)
    return {
        "Symbol": security.symbol,
        "SecurityId": security.id,
        "Key": security.id,
        "Bid": quote.bid,
        "Ask": quote.ask,
        "Last": quote.last,
        "Price": quote.last,
        "Mark": rounded((quote.bid + quote.ask) / 2, 4),
        "BidSize": market.tape.liquidity(security.symbol, -1, quote.at_ms),
        "AskSize": market.tape.liquidity(security.symbol, -2, quote.at_ms),
        "Open": day.open,
        "High": day.high,
        "Low": day.low,
        "TotalDailyVolume": day.volume,
        "Close": previous,
        "PreviousClose": previous,
        "Change": change,
        "ChangePc": rounded(change / previous * 100, 4),
        "Timestamp": iso(quote.at_ms),
        "Date": iso(quote.at_ms),
        "IsHalted": False,
    }


def underlying_members(security: Security | None) -> dict[str, Any]:
    """What orders and positions in an option say about its underlying; nothing for other securities."""
    if security is None or not security.is_option:
        return {}
    return {
        "UnderlyingSymbol": security.underlying,
        "UnderlyingId": underlying_of(security).id,
        "UnderlyingStrike": security.strike,
        "UnderlyingOptionType": security.option_type,
        "UnderlyingExpirationDate": expiration_of(security).ends_ms,
        "UnderlyingExpirationType": expiration_of(security).kind,
    }


def volume_precision(security: Security | None) -> int:
    """Decimals of a quantity."""
    rules = fractions_of(security) if security else None
    return rules.precision if rules and rules.allow_trade != "Prohibited" else 0
