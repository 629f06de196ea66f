"""What a retirement account has to say about money that comes or goes, and what of it is allowed.

Source: API fact sheet 5.15; reasons beyond its samples are invented. Money for the year before is taken until its tax
is due, on April 15 (Internal Revenue Code, section 219(f)(3)).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox.exchange.calendar import eastern_day
from sandbox.exchange.market import Market

TAX_DAY = (4, 15)
# Reasons for money that comes, and whether it can be meant for the year before.
CONTRIBUTIONS = {
    "REGULAR": True, "EMPLOYER": False, "ROLLOVER_60_DAY": False, "RECHARACTERIZATION": False,
}  # fmt: skip
# Reasons for money that goes, and whether tax can be withheld from it.
DISTRIBUTIONS = {
    "NORMAL": True, "EARLY": True, "DISABILITY": True, "DEATH": True, "ROLLOVER_60_DAY": False,
    "RECHARACTERIZATION": False,
}  # fmt: skip
CLOSING_FEE = Decimal(75)


@dataclass(frozen=True, slots=True)
class Contribution:
    reason: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    reason: str
    withholds_tax: bool = False


def is_retirement(account: sqlite3.Row) -> bool:
    return str(account["owner_type"]).startswith("IRA")


def is_past_tax_day(market: Market) -> bool:
    """Is it too late to contribute for the year before?"""
    today = eastern_day(market.now_ms())
    return (today.month, today.day) > TAX_DAY


def is_allowed(market: Market, word: Contribution | Distribution | None) -> bool:
    """Does what is said fit to the constraints of this day?"""
    if isinstance(word, Distribution):
        taxed = DISTRIBUTIONS.get(word.reason)
        return taxed is not None and (taxed or not word.withholds_tax)
    if word is None or word.reason not in CONTRIBUTIONS:
        return False
    this_year = eastern_day(market.now_ms()).year
    if word.year == this_year - 1:
        return CONTRIBUTIONS[word.reason] and not is_past_tax_day(market)
    return word.year in (None, this_year)
