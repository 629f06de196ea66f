"""client.accounts: trading accounts and their money. Source: API.md 5.3.

A foreign account id raises Unauthorized (`concerns_account`), an unknown one, or a user id by mistake, ServerError.
"""

from .models import AccountOpening, AccountRecord, Balances, TradingAccount
from .transport import Transport


class Accounts:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def of_me(self) -> list[TradingAccount]:
        """Every account that the signed-in user may see; empty for a newcomer. GET /users/@me/accounts"""
        return self._transport.read_all("/users/@me/accounts", TradingAccount.from_wire)

    def balances(self, account_id: int) -> Balances:
        """Cash, buying power, equity. GET /accounts/{account_id}/info, whose name misleads: it is no profile."""
        return self._transport.read("/accounts/{account_id}/info", Balances.from_wire, account_id=account_id)

    def details(self, account_id: int) -> AccountOpening:
        """How the account was opened. GET /accounts/{account_id}/details"""
        return self._transport.read("/accounts/{account_id}/details", AccountOpening.from_wire, account_id=account_id)

    def get(self, account_id: int) -> AccountRecord:
        """Permissions, option level, margin calls. GET /accounts/{account_id}, an array of one by specification."""
        return self._transport.read("/accounts/{account_id}", AccountRecord.from_wire, account_id=account_id)
