"""Who and what the calls are about: real users, accounts, orders and lists in a sandbox that has just been reset."""

from __future__ import annotations

from typing import Any

from tests.sandbox.actors import Box, Client, log_in
from tests.sandbox.conftest import MONDAY_10_AM

USER, OTHER_USER = 7311, 7313
ACCOUNT, SECOND_ACCOUNT, FOREIGN_ACCOUNT = 6412, 6413, 6420
EMAIL = "investor@demo.test"


class NotPrepared(Exception):
    """A call that an example builds on was refused."""


class Cast:
    """Dana with her accounts at ten on a Monday morning. Time stands still, rate limits are off."""

    def __init__(self, box: Box) -> None:
        self.box = box
        box.control("POST", "reset", {"seed": 1, "clock": {"mode": "frozen", "set": MONDAY_10_AM}})
        box.settings(rate_limits=False)
        self.sign_in()
        self._turns = 0
        self._is_busy = False

    def turn(self, choices: int) -> int:
        """The next of so many choices, round and round."""
        self._turns += 1
        return (self._turns - 1) % choices

    def sign_in(self, email: str = EMAIL) -> None:
        self.client: Client = log_in(self.box, email)

    @property
    def headers(self) -> dict[str, str]:
        return {"Et-App-Key": self.client.key, "Authorization": f"Bearer {self.client.token}"}

    def send(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """A call that has to succeed; its JSON answer. Raises NotPrepared."""
        answer = self.client.send(method, path, json=body, params=params)
        if not answer.ok:
            raise NotPrepared(f"{method} {path} answers {answer.status_code} {answer.text[:200]}")
        return answer.json() if answer.content else None

    def working_order(self, **changes: Any) -> int:
        """The id of an order that rests in the book."""
        ticket = {
            "Symbol": "KO", "Side": "Buy", "Type": "Limit", "Quantity": 10, "Price": 55.25,
            "TimeInforce": "GoodTillCancel",
        } | changes  # fmt: skip
        placed = self.send("POST", f"/accounts/{ACCOUNT}/orders", ticket)
        self.box.advance(1)
        return int(placed["Id"])

    def busy(self) -> None:
        """See to it that the lists of the account have something to show: orders of all outcomes, and their trades."""
        if self._is_busy:
            return
        self._is_busy = True
        self.filled_order()
        self.working_order()
        for changes in ({"Symbol": "NOPE"}, {"Side": "Sell", "Quantity": 1}, {"Symbol": "TSLA", "Quantity": 400}):
            self.send("POST", f"/accounts/{ACCOUNT}/orders", market_order(**changes))
        self.send("DELETE", f"/accounts/{ACCOUNT}/orders/{self.working_order()}")
        self.box.advance(2)

    def filled_order(self) -> int:
        placed = self.send("POST", f"/accounts/{ACCOUNT}/orders", market_order())
        self.box.advance(5)
        return int(placed["Id"])


def market_order(**changes: Any) -> dict[str, Any]:
    return {"Symbol": "KO", "Side": "Buy", "Type": "Market", "Quantity": 2, "TimeInforce": "Day"} | changes
