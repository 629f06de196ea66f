"""Securities: equities and options by id, symbol, mask and page; option chains, logos and exchange rates."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.api.answers import answer
from sandbox.api.errors import ApiError, parameter_missing, request_invalid, unexpected
from sandbox.api.filters import Condition, holds, parse_filter, resolve
from sandbox.api.listing import sieve
from sandbox.api.logos import logo_of
from sandbox.api.members import CHAIN_EXPIRATION, EQUITY, EXPIRATION_TYPES, OPTION, SECURITY_TYPES
from sandbox.api.numbers import Int32
from sandbox.api.paging import Page
from sandbox.api.shapes import securities as shapes
from sandbox.clock import iso
from sandbox.dependencies import WorldHere
from sandbox.exchange.chains import Series, listed_series
from sandbox.exchange.currencies import rate_of
from sandbox.exchange.market import Market
from sandbox.exchange.options import listed_expirations, series_id, underlyings
from sandbox.exchange.securities import SECURITIES, Security, find_by_id, find_security, lookup

router = APIRouter(prefix="/v1.0")

CURRENCY = "USD"
LONGEST_ID = 10
# Members that a filter may tell by numbers.
CODES = {"Type": SECURITY_TYPES, "ExpirationType": EXPIRATION_TYPES}


@router.get("/equities/lookup")
async def look_up(
    request: Request, count: Int32, mask: str | None = None, symbol: str | None = None, filter: str = ""
) -> Response:
    """An empty mask finds nothing; `symbol` is another name for it (C44)."""
    if mask is None and symbol is None:
        raise parameter_missing(request)
    found = [shapes.equity(security) for security in lookup(mask or symbol or "", count=len(SECURITIES))]
    return answer(sieve(found, filter, members=EQUITY, codes=CODES)[: max(count, 0)])


@router.get("/equities")
async def list_equities(
    request: Request, pageNumber: Int32, pageSize: Int32, sortField: str, desc: bool, filter: str = ""
) -> Response:
    rows = [shapes.equity(security) for security in SECURITIES.values()]
    rows = sieve(rows, filter, members=EQUITY, codes=CODES, sort=sortField, desc=desc)
    page = Page.read(pageNumber, pageSize)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


@router.get("/equities/{symbol}")
async def equity(symbol: str, currency: str = "", exchange: str = "") -> Response:
    """All digits are an id, anything else a ticker."""
    security = _named(symbol, currency, exchange)
    if security is None or security.is_option:
        raise ApiError(404)
    return answer(shapes.equity(security))


@router.get("/equities/{symbol}/logo")
async def logo(symbol: str) -> Response:
    security = find_security(symbol)
    if security is None or security.is_option:
        raise ApiError(404)
    return Response(logo_of(security.symbol), media_type="image/png")


@router.get("/options")
async def list_options(
    request: Request,
    world: WorldHere,
    pageNumber: Int32,
    pageSize: Int32,
    sortField: str,
    desc: bool,
    filter: str = "",
) -> Response:
    """What is listed now. A filter that names neither underlyings nor series nor symbols is asked about the contracts
    that expire next, since there are more than a hundred thousand others."""
    page = Page.read(pageNumber, pageSize)
    contracts = _contracts_named(world.market, parse_filter(filter))
    rows = [shapes.option(world.market, each) for each in contracts]
    rows = sieve(rows, filter, members=OPTION, codes=CODES, sort=sortField, desc=desc)
    return answer(page.envelope(request, page.cut(rows), len(rows)))


def _contracts_named(market: Market, conditions: list[Condition]) -> list[Security]:
    """Those of the filter, in the order of its words: what follows must not hang on the order of a set."""
    named: dict[str, list[Any]] = {}
    for condition in conditions:
        if condition.op in ("=", "in"):
            values = [value.upper() if isinstance(value, str) else value for value in condition.values]
            field = condition.field.lower()
            named[field] = [value for value in values if value in named.get(field, values)]
    if "symbol" in named or "id" in named:
        found = [find_security(symbol) for symbol in named.get("symbol", ()) if isinstance(symbol, str)]
        found += [find_by_id(int(id)) for id in named.get("id", ()) if isinstance(id, Decimal)]
        return [contract for contract in dict.fromkeys(found) if contract and contract.is_option]
    wanted_underlyings, wanted_series = named.get("underlyingassetsymbol"), named.get("seriesid")
    contracts: list[Security] = []
    for underlying in underlyings():
        if wanted_underlyings is not None and underlying.symbol not in wanted_underlyings:
            continue
        series = listed_series(market.tape, underlying, market.now_ms())
        if wanted_series is not None:
            series = (each for each in series if series_id(underlying, each.expiration) in wanted_series)
        elif wanted_underlyings is None:
            series = islice(series, 1)
        contracts += [contract for each in series for contract in each.contracts()]
    return contracts


@router.get("/options/expirations")
async def expirations(world: WorldHere, underlying: str, exchange: str = "", currency: str = "") -> Response:
    """Nothing expires on a ticker that nobody knows."""
    security = _optionable(underlying, currency, exchange)
    listed = listed_expirations(world.market.now_ms()) if security else []
    return answer([shapes.expiration(security, each) for each in listed if security])


@router.get("/options/optionChain/{symbol}")
async def option_chain(
    world: WorldHere, symbol: str, exchange: str = "", currency: str = "", filter: str = ""
) -> Response:
    """Nothing is listed on a ticker that nobody knows; an id in its place is E4."""
    if symbol.isdecimal():
        raise unexpected()
    conditions, reach = _split_range(parse_filter(filter))
    conditions = resolve(conditions, CHAIN_EXPIRATION, CODES)
    underlying = _optionable(symbol, currency, exchange)
    series = listed_series(world.market.tape, underlying, world.market.now_ms()) if underlying else iter(())
    chosen = [each for each in series if holds(conditions, _filterable(each))]
    if reach is not None:
        chosen = [each.near(reach) for each in chosen]
    return answer({"Expirations": [shapes.chain_expiration(world.market, each) for each in chosen]})


def _split_range(conditions: list[Condition]) -> tuple[list[Condition], int | None]:
    """`Range = n` chooses strikes, everything else expirations (API fact sheet 4.5)."""
    reach: int | None = None
    for condition in conditions:
        if condition.field.lower() == "range":
            value = condition.values[0]
            if condition.op != "=" or not isinstance(value, Decimal) or value < 0 or value % 1:
                raise request_invalid()
            reach = int(value)
    others = [condition for condition in conditions if condition.field.lower() != "range"]
    return others, reach


def _filterable(series: Series) -> dict[str, Any]:
    return {
        "Expiration": shapes.midnight(series.expiration.day),
        "ExpirationType": series.expiration.kind,
    }


@router.get("/options/{symbol}")
async def option(world: WorldHere, symbol: str, exchange: str = "", currency: str = "") -> Response:
    """All digits are an id, anything else a symbol, padded with blanks or not."""
    security = _named(symbol, currency, exchange)
    if security is None or not security.is_option:
        raise ApiError(404)
    return answer(shapes.option(world.market, security))


@router.get("/currencyRate")
async def currency_rate(world: WorldHere, currency: str, targetCurrency: str) -> Response:
    now = world.market.now_ms()
    rate = rate_of(world.market.seed, currency, targetCurrency, now)
    if rate is None:
        raise ApiError(404)
    return answer({"Bid": rate.bid, "Ask": rate.ask, "Last": rate.last, "Date": iso(now)})


def _named(text: str, currency: str, exchange: str) -> Security | None:
    """By id or symbol, in this currency and listed there, if that is said."""
    is_id = text.isdecimal() and len(text) <= LONGEST_ID
    security = find_by_id(int(text)) if is_id else find_security(text)
    return security if security and _fits(security, currency, exchange) else None


def _optionable(symbol: str, currency: str, exchange: str) -> Security | None:
    security = _named(symbol, currency, exchange)
    return security if security in underlyings() else None


def _fits(security: Security, currency: str, exchange: str) -> bool:
    return currency.upper() in ("", CURRENCY) and exchange.upper() in ("", security.mic)
