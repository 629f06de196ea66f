"""Option contracts, worked out rather than kept: which expirations and strikes are listed, and what identifies each.

A contract is an underlying, the week in which it expires, call or put, and a strike on the underlying's grid. Its id
and its symbol are these four written as a number and as a text, so that every contract can be found for ever, listed
or not yet or long expired, without a table.

Source: OSI symbols, API fact sheet 6.6; expirations as at the Options Clearing Corporation: Fridays, or the last
trading day before; the third Friday of a month is the regular one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from sandbox.exchange.calendar import eastern_day, session_on
from sandbox.exchange.listing import OPTIONABLE, SECURITIES, SECURITIES_BY_ID, Security

FIRST_OPTION_ID = 1_000_000
FIRST_FRIDAY = date(2010, 1, 1)
WEEKS, STRIKES = 2048, 4096
CONTRACT_SIZE = Decimal(100)

WEEKLIES, MONTHLIES, LEAPS = 8, 12, 2
# How many strikes are listed above and below the middle.
WEEKLY_REACH, REGULAR_REACH = 15, 25

_OSI = re.compile(r"([A-Z]{1,6})\s*(\d{6})([CP])(\d{8})")


@dataclass(frozen=True, slots=True)
class Expiration:
    """The day on which a week's contracts end, at the close; `week` counts from FIRST_FRIDAY."""

    week: int
    day: date

    @property
    def is_regular(self) -> bool:
        """The third Friday of its month."""
        return _is_third_friday(_friday(self.week))

    @property
    def kind(self) -> str:
        """The vendor's ExpirationType."""
        return "Regular" if self.is_regular else "Weekly"

    @property
    def ends_ms(self) -> int:
        """The close of the last day, in ms since 1970."""
        return _close_of(self.day)

    @property
    def reach(self) -> int:
        return REGULAR_REACH if self.is_regular else WEEKLY_REACH


def _friday(week: int) -> date:
    return FIRST_FRIDAY + timedelta(weeks=week)


def _is_third_friday(friday: date) -> bool:
    return 15 <= friday.day <= 21


def _close_of(day: date) -> int:
    session = session_on(day)
    assert session is not None  # noqa: S101 - an expiration is a trading day
    return session.closes_ms


@lru_cache(maxsize=WEEKS)
def expiration_in(week: int) -> Expiration:
    """The expiration of a week: its Friday, or the last trading day before."""
    day = _friday(week)
    while session_on(day) is None:
        day -= timedelta(days=1)
    return Expiration(week, day)


def expiration_on(day: date) -> Expiration | None:
    """The expiration on this day, if it is one within the years that ids can express."""
    week = -((FIRST_FRIDAY - day).days // 7)  # the Friday on or after
    if not 0 <= week < WEEKS:
        return None
    expiration = expiration_in(week)
    return expiration if expiration.day == day else None


def listed_expirations(at_ms: int) -> list[Expiration]:
    """What trades at this moment, soonest first: the next weeks, the third Fridays of a year, and two Januaries."""
    return _listed_from(_first_living_week(at_ms))


def _first_living_week(at_ms: int) -> int:
    week = max((eastern_day(at_ms) - FIRST_FRIDAY).days // 7, 0)
    while expiration_in(week).ends_ms <= at_ms:
        week += 1
    return week


@lru_cache(maxsize=16)
def _listed_from(first: int) -> list[Expiration]:
    weeks = range(first, min(first + 52 * (LEAPS + 2), WEEKS))
    regular = [week for week in weeks if _is_third_friday(_friday(week))]
    januaries = [week for week in regular[MONTHLIES:] if _friday(week).month == 1]
    chosen = {*weeks[:WEEKLIES], *regular[:MONTHLIES], *januaries[:LEAPS]}
    return [expiration_in(week) for week in sorted(chosen)]


def underlyings() -> list[Security]:
    """Securities on which options are listed, in order of their ids."""
    return [security for security in SECURITIES.values() if security.type in OPTIONABLE]


def strike_step(underlying: Security) -> Decimal:
    """The distance of neighbouring strikes in USD. It never changes, since ids count in it."""
    if underlying.type == "ETF":
        return Decimal(1)
    for below, step in ((20, "0.5"), (150, "1"), (400, "2.5"), (800, "5")):
        if underlying.price < below:
            return Decimal(step)
    return Decimal(10)


def central_strike(underlying: Security, price: Decimal) -> Decimal:
    """The strike that is nearest to a price."""
    step = strike_step(underlying)
    place = int((price / step).to_integral_value())
    return min(max(place, 1), STRIKES - 1) * step


def strikes_around(underlying: Security, price: Decimal, reach: int) -> list[Decimal]:
    """The central strike and up to `reach` strikes on each side of it, rising."""
    step = strike_step(underlying)
    middle = int(central_strike(underlying, price) / step)
    return [place * step for place in range(max(middle - reach, 1), min(middle + reach, STRIKES - 1) + 1)]


def contract(underlying: Security, expiration: Expiration, option_type: str, strike: Decimal) -> Security:
    """The contract on the grid. `option_type` is Call or Put."""
    place = int(strike / strike_step(underlying))
    return _contract(underlying.id, expiration.week, option_type == "Put", place)


@lru_cache(maxsize=50_000)
def _contract(underlying_id: int, week: int, is_put: bool, place: int) -> Security:
    underlying, expiration = SECURITIES_BY_ID[underlying_id], expiration_in(week)
    option_type, strike = "Put" if is_put else "Call", place * strike_step(underlying)
    day = expiration.day
    return Security(
        id=FIRST_OPTION_ID + ((underlying_id * WEEKS + week) * 2 + is_put) * STRIKES + place,
        symbol=f"{root_of(underlying):6}{day:%y%m%d}{option_type[0]}{int(strike * 1000):08}",
        name=f"{option_type.upper()} {underlying.name} ${strike.normalize():f} EXP {day:%m/%d/%y}",
        mic="OPRAC",
        type="Option",
        industry=underlying.industry,
        price=Decimal(0),
        spread_ticks=1,
        volatility=underlying.volatility,
        contract_size=CONTRACT_SIZE,
        underlying=underlying.symbol,
        option_type=option_type,
        strike=strike,
        expiration=day,
    )


def root_of(underlying: Security) -> str:
    """The ticker as it begins option symbols: without the point of a share class."""
    return underlying.symbol.replace(".", "")


_BY_ROOT = {root_of(underlying): underlying for underlying in underlyings()}


def find_contract(symbol: str) -> Security | None:
    """The contract of an OSI symbol in capitals, with or without its blanks; None if it is not on the grid."""
    found = _OSI.fullmatch(symbol)
    underlying = _BY_ROOT.get(found[1]) if found else None
    if not found or underlying is None:
        return None
    try:
        expiration = expiration_on(datetime.strptime(found[2], "%y%m%d").replace(tzinfo=UTC).date())
    except ValueError:
        return None
    place, rest = divmod(Decimal(found[4]) / 1000, strike_step(underlying))
    if expiration is None or rest or not 0 < place < STRIKES:
        return None
    return _contract(underlying.id, expiration.week, found[3] == "P", int(place))


def contract_by_id(id: int) -> Security | None:
    """The contract of an id; None if it is not on the grid."""
    series, rest = divmod(id - FIRST_OPTION_ID, 2 * STRIKES)
    underlying_id, week = divmod(series, WEEKS)
    is_put, place = divmod(rest, STRIKES)
    underlying = SECURITIES_BY_ID.get(underlying_id)
    if id < FIRST_OPTION_ID or underlying is None or underlying.type not in OPTIONABLE or not place:
        return None
    return _contract(underlying_id, week, bool(is_put), place)


def expiration_of(security: Security) -> Expiration:
    """When an option ends."""
    return expiration_in((security.id - FIRST_OPTION_ID) // (2 * STRIKES) % WEEKS)


def listed_since_ms(option: Security) -> int:
    """When the contract began to trade: as another, at the distance of its kind, ended (`listed_expirations`)."""
    expiration = expiration_of(option)
    if not expiration.is_regular:
        return expiration_in(max(expiration.week - WEEKLIES, 0)).ends_ms
    friday = _friday(expiration.week)
    same_month = friday.replace(year=friday.year - (1 + LEAPS if friday.month == 1 else 1), day=15)
    return expiration_in(max(-((FIRST_FRIDAY - same_month).days // 7), 0)).ends_ms


def series_id(underlying: Security, expiration: Expiration) -> int:
    """The vendor's SeriesId: the contracts of one underlying that expire together."""
    return underlying.id * WEEKS + expiration.week


def option_ids(underlying: Security) -> tuple[int, int]:
    """The first and the last id that an option on this security can have."""
    first = FIRST_OPTION_ID + underlying.id * WEEKS * 2 * STRIKES
    return first, first + WEEKS * 2 * STRIKES - 1


def underlying_of(option: Security) -> Security:
    return SECURITIES[option.underlying or ""]
