"""Securities and their quotes."""

from __future__ import annotations

from datetime import date
from typing import Any

from sandbox.api.answers import without_nulls
from sandbox.clock import iso
from sandbox.exchange.chains import Series
from sandbox.exchange.day import day_of, regular_last, year_of
from sandbox.exchange.fractions import FRACTIONAL_TYPES, fractions_of
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, rounded
from sandbox.exchange.options import Expiration, expiration_of, listed_since_ms, series_id, underlying_of
from sandbox.exchange.prices import Quote
from sandbox.exchange.securities import Security
from sandbox.exchange.volumes import open_interest
from sandbox.exchange.walk import key_of, mix

LISTED = "2019-01-02T00:00:00Z"
VENUES = ("NSDQ", "ARCA", "BATS", "EDGX")


def equity(security: Security) -> dict[str, Any]:
    on_exchange = not security.is_fund
    fields = {
        "Id": security.id,
        "Symbol": security.symbol,
        "Description": security.name,
        "Exchange": security.mic,
        "Currency": "USD",
        "Type": security.type,
        "Industry": security.industry,
        "TickSize": security.tick,
        "Precision": security.precision,
        "VolumePrecision": volume_precision(security),
        "ContractSize": security.contract_size,
        "AddedDate": LISTED,
        "ModifyDate": LISTED,
        "Enabled": True,
        "AllowTrade": True,
        "AllowMargin": on_exchange,
        "AllowShort": on_exchange,
        "FractionalSettings": fractional_settings(security),
    }
    return without_nulls(fields)


def fractional_settings(security: Security) -> dict[str, Any] | None:
    """None for a security that trades in whole shares only."""
    rules = fractions_of(security)
    if rules.allow_trade == "Prohibited":
        return None
    return {
        "Id": security.id,
        "SecurityId": security.id,
        "Symbol": security.symbol,
        "AllowTrade": rules.allow_trade,
        "MinQty": int(rules.min_quantity),
        "MaxQty": int(rules.max_quantity),
        "TargetQty": 0,
        "Precision": rules.precision,
        "ModifyDate": LISTED,
    }


def option(market: Market, contract: Security) -> dict[str, Any]:
    underlying, ends = underlying_of(contract), expiration_of(contract)
    lives = market.now_ms() < ends.ends_ms
    listed = iso(listed_since_ms(contract))
    return {
        "Id": contract.id,
        "Symbol": contract.symbol,
        "Name": contract.symbol,
        "Description": contract.name,
        "Exchange": contract.mic,
        "Currency": "USD",
        "Type": contract.type,
        "OptionType": contract.option_type,
        "StrikePrice": contract.strike,
        "ExpirationDate": midnight(ends.day),
        "ExpirationType": ends.kind,
        "SeriesId": series_id(underlying, ends),
        "UnderlyingAssetSymbol": underlying.symbol,
        "ContractSize": contract.contract_size,
        "TickSize": contract.tick,
        "Precision": contract.precision,
        "VolumePrecision": 0,
        "AddedDate": listed,
        "ModifyDate": listed,
        "Enabled": lives,
        "AllowTrade": lives,
        "AllowMargin": False,
        "AllowShort": True,
    }


def expiration(underlying: Security, ends: Expiration) -> dict[str, Any]:
    """`SeriesType` is an open list in the vendor's prose (C53)."""
    return {
        "SeriesId": series_id(underlying, ends),
        "SeriesType": "Standard",
        "ExpirationDate": midnight(ends.day),
        "ExpirationType": ends.kind,
    }


def chain_expiration(market: Market, series: Series) -> dict[str, Any]:
    return {
        "Expiration": midnight(series.expiration.day),
        "CentralStrike": series.central,
        "Options": [option(market, contract) for contract in series.contracts()],
    }


def midnight(day: date) -> str:
    """Dates are moments at midnight UTC on the wire."""
    return f"{day.isoformat()}T00:00:00Z"


def quote_model(market: Market, security: Security, quote: Quote) -> dict[str, Any]:
    """`Last` stands still at the close of regular hours, `Price` moves on after it (API fact sheet 9.5)."""
    tape, symbol, at_ms = market.tape, security.symbol, quote.at_ms
    previous, last = tape.previous_close(symbol, at_ms), regular_last(tape, quote)
    change = last - previous
    day, year = day_of(tape, symbol, at_ms), None if security.is_option else year_of(tape, security, at_ms)
    bid_at, ask_at, last_at = (_venue(market, security, quote, part) for part in ("bid", "ask", "last"))
    fields = {
        "Symbol": symbol,
        "SecurityId": security.id,
        "Key": security.id,
        "QuoteTypes": 0,
        "Bid": quote.bid,
        "Ask": quote.ask,
        "Last": last,
        "Price": quote.last,
        "Mark": rounded((quote.bid + quote.ask) / 2, 4),
        "BidSize": tape.liquidity(symbol, -1, at_ms),
        "AskSize": tape.liquidity(symbol, -2, at_ms),
        "Volume": tape.liquidity(symbol, -3, at_ms),
        "BidExchange": bid_at,
        "AskExchange": ask_at,
        "LastExchange": last_at,
        "Open": day.open,
        "High": day.high,
        "Low": day.low,
        "TotalDailyVolume": day.volume,
        "Close": previous,
        "PreviousClose": previous,
        "Change": change,
        "ChangePc": rounded(change / previous * 100, 4) if previous else ZERO,
        "Week52Low": year.low if year else None,
        "Week52High": year.high if year else None,
        "OpenInterest": open_interest(market.seed, security) if security.is_option else None,
        "Timestamp": iso(at_ms),
        "Date": iso(at_ms),
        "IsHalted": market.is_halted(security),
    }
    return without_nulls(fields)


def _venue(market: Market, security: Security, quote: Quote, part: str) -> str:
    """The venue that shows a bid or an ask, or traded last: another one every minute or so."""
    if security.type not in FRACTIONAL_TYPES:
        return security.mic
    return VENUES[mix(key_of(market.seed, security.symbol, part), quote.at_ms // 60_000) % len(VENUES)]


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
