"""A valid call of every operation, written by hand: each has to be answered with success at least once.

Keys are labels like `GET /accounts/{accountId}/info`; values make an `Example`, and what it is about, when called.
"""

from tests.conformance.examples import accounts, lists, login, markets, money, trading
from tests.conformance.examples.example import Example, Maker

EXAMPLES: dict[str, Maker] = {
    **login.EXAMPLES,
    **accounts.EXAMPLES,
    **markets.EXAMPLES,
    **trading.EXAMPLES,
    **money.EXAMPLES,
    **lists.EXAMPLES,
}

__all__ = ["EXAMPLES", "Example", "Maker"]
