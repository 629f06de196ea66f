"""Magic symbols and quantities for those who test by hand: orders whose outcome is known in advance.

No listed ticker begins with the prefix; the symbols are looked up, quoted and held like any other. The quantities work
for any security, while the setting `scripted_quantities` is on. What is not said here happens as usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PREFIX = "TEST."
HALTED_AT_FIRST = ("TEST.HALT",)


@dataclass(frozen=True, slots=True)
class Script:
    """`refusal`: the code with which checks refuse orders, `late_reject`: with which the venue does, after a good
    answer. `is_half`: half is filled, then no more. `delay_ms`: until the first fill. `hangs`: the order is taken, its
    answer never comes. `halts`: never filled; symbols are halted by the market instead, where it can be lifted."""

    name: str
    refusal: str | None = None
    late_reject: str | None = None
    is_half: bool = False
    delay_ms: int = 0
    hangs: bool = False
    halts: bool = False


SCRIPTS = {
    PREFIX + ending: script
    for ending, script in {
        "POWER": Script("Refused: buying power", refusal="DayTradingBuyingPowerExceeded"),
        "PRICE": Script("Refused: price", refusal="QuotePriceIsInvalid"),
        "LIMIT": Script("Refused: limit price", refusal="LimitPriceUndefined"),
        "SHARES": Script("Refused: shares", refusal="InsufficientShares"),
        "SYMBOL": Script("Refused: symbol", refusal="SymbolNotFound"),
        "CLOSED": Script("Refused: market closed", refusal="MarketClosed"),
        "ACCOUNT": Script("Refused: restricted account", refusal="AccountRestricted"),
        "NEW": Script("Refused: account not approved", refusal="AccountIsNotApproved"),
        "TYPE": Script("Refused: order type", refusal="InvalidOrderType"),
        "LATE": Script("Rejected after acceptance", late_reject="AccountRestricted"),
        "HALF": Script("Filled by half", is_half=True),
        "SLOW": Script("Filled after half a minute", delay_ms=30_000),
        "HANG": Script("Taken without an answer", hangs=True),
        "HALT": Script("Halted"),
    }.items()
}

QUANTITIES = {
    Decimal(71): SCRIPTS["TEST.POWER"],
    Decimal(72): SCRIPTS["TEST.PRICE"],
    Decimal(73): SCRIPTS["TEST.CLOSED"],
    Decimal(74): SCRIPTS["TEST.ACCOUNT"],
    Decimal(75): SCRIPTS["TEST.LATE"],
    Decimal(76): SCRIPTS["TEST.HALF"],
    Decimal(77): SCRIPTS["TEST.SLOW"],
    Decimal(78): SCRIPTS["TEST.HANG"],
    Decimal(79): Script("Halted", halts=True),
}

# In the form of the other listings: symbol | name | listing | type | industry | price | spread | volatility
LISTING = "\n".join(f"{symbol}|{script.name}|XSIM|Unit|Scripted|100.00|2|0.5" for symbol, script in SCRIPTS.items())

PLAIN = Script("")


def script_of(symbol: str, quantity: Decimal | None) -> Script:
    """The script of a symbol, else of a quantity; None when quantities mean nothing but themselves."""
    if symbol in SCRIPTS or quantity is None:
        return SCRIPTS.get(symbol, PLAIN)
    return QUANTITIES.get(quantity, PLAIN)
