"""New issues (IPO): three invented companies whose windows for orders lie differently around the first day.

Following an offering is not a purchase; orders for new issues have no route in the contract. Source: API fact sheet
5.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.exchange.calendar import Session, sessions_from
from sandbox.exchange.market import Market

DAY_MS = 86_400_000
SECURITY_INFO = (
    "New issues are offered by prospectus only. Read it before you invest: shares of a new issue can fall below the"
    " offering price, and you may be allotted fewer shares than you asked for, or none."
)


@dataclass(frozen=True, slots=True)
class Underwriter:
    mpid: str
    name: str
    leads: bool


@dataclass(frozen=True, slots=True)
class Offering:
    """Prices in USD per share. The window opens and closes so many days after the first day of the state."""

    reference: str
    name: str
    symbol: str
    description: str
    kind: str
    industry: str
    cusip: str
    shares: int
    lowest: Decimal
    highest: Decimal
    underwriters: tuple[Underwriter, ...]
    opens_after_days: int
    closes_after_days: int


_HALE = Underwriter("HALE", "Hale & Whitcomb Securities", leads=True)
_MERIDIAN = Underwriter("MRDN", "Meridian Capital Markets", leads=False)

OFFERINGS = {
    offering.reference: offering
    for offering in (
        Offering(
            "OFF-1001", "Alder Creek Robotics, Inc.", "ALDR", "Robots that pick and pack in small warehouses.", "IPO",
            "Specialty Industrial Machinery", "01449C105", 12_500_000, Decimal(17), Decimal(19), (_HALE, _MERIDIAN),
            -2, 4,
        ),
        Offering(
            "OFF-1002", "Tidewater Grid Storage Corp.", "TGRS", "Batteries for wind farms on the coast.", "IPO",
            "Utilities - Renewable", "88642R208", 8_000_000, Decimal(22), Decimal(25), (_HALE,), -6, 21,
        ),
        Offering(
            "OFF-1003", "Larkspur Diagnostics, Inc.", "LKSP", "Blood tests for rare diseases.", "Follow-on",
            "Diagnostics & Research", "517834107", 3_200_000, Decimal("41.50"), Decimal("41.50"), (_MERIDIAN,), 7, 12,
        ),
    )
}  # fmt: skip
INDUSTRIES = tuple(sorted({offering.industry for offering in OFFERINGS.values()}))


class OfferingRefused(Exception):
    """No such offering, or its window has closed."""


@dataclass(frozen=True, slots=True)
class OpenOffering:
    """An offering that takes orders now; it trades first on `trade_day` and settles on `settlement_day`."""

    offering: Offering
    closes_ms: int
    trade_day: date
    settlement_day: date
    is_followed: bool


def seed_offerings(market: Market) -> None:
    now = market.now_ms()
    for offering in OFFERINGS.values():
        market.state.insert(
            "offering",
            reference=offering.reference,
            opens_ms=now + offering.opens_after_days * DAY_MS,
            closes_ms=now + offering.closes_after_days * DAY_MS,
        )


def open_offerings(market: Market, account_id: int) -> list[OpenOffering]:
    """Those that take orders now, in order of their references."""
    now = market.now_ms()
    rows = market.state.rows(
        "SELECT offering.*, since_ms FROM offering LEFT JOIN offering_follower"
        " ON offering_follower.reference = offering.reference AND account_id = ?"
        " WHERE opens_ms <= ? AND closes_ms > ? ORDER BY offering.reference",
        account_id,
        now,
        now,
    )
    return [_read(OFFERINGS[row["reference"]], row["closes_ms"], row["since_ms"] is not None) for row in rows]


def _read(offering: Offering, closes_ms: int, is_followed: bool) -> OpenOffering:
    trades, settles = _two_sessions(closes_ms)
    return OpenOffering(offering, closes_ms, trades.day, settles.day, is_followed)


def _two_sessions(after_ms: int) -> tuple[Session, Session]:
    """The first two sessions that open after a moment."""
    sessions = (session for session in sessions_from(after_ms) if session.opens_ms > after_ms)
    return next(sessions), next(sessions)


def follow(market: Market, account_id: int, reference: str) -> None:
    """Follow an offering that is open or yet to come; again is fine. Raises OfferingRefused."""
    _check_still_ahead(market, reference)
    market.state.db.execute(
        "INSERT OR IGNORE INTO offering_follower (account_id, reference, since_ms) VALUES (?, ?, ?)",
        (account_id, reference, market.now_ms()),
    )


def unfollow(market: Market, account_id: int, reference: str) -> None:
    """Again is fine. Raises OfferingRefused."""
    _check_still_ahead(market, reference)
    market.state.db.execute(
        "DELETE FROM offering_follower WHERE account_id = ? AND reference = ?", (account_id, reference)
    )


def _check_still_ahead(market: Market, reference: str) -> None:
    row = market.state.row("SELECT closes_ms FROM offering WHERE reference = ?", reference)
    if row is None or row["closes_ms"] <= market.now_ms():
        raise OfferingRefused(reference)
