"""client.accounts: trading accounts, their money and their users. Source: API.md 5.3.

A foreign account id raises Unauthorized (`concerns_account`), an unknown one, or a user id by mistake, ServerError.
Binding and unbinding need an administrator's token; anyone else's raises Unauthorized (API.md 8.4).
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from .enums import AccessType
from .models import AccountOpening, AccountRecord, AccountUser, AccountValue, Balances, TradingAccount
from .paging import STYLE_D
from .transport import Transport
from .users import ME, UserId

ACCOUNT_USER = "/accounts/{account_id}/users/{user_id}"


class Accounts:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def of_me(self) -> list[TradingAccount]:
        """Every account that the signed-in user may see; empty for a newcomer. GET /users/@me/accounts"""
        return self.of_user(ME)

    def of_user(self, user_id: UserId) -> list[TradingAccount]:
        """Every account that a user may see. GET /users/{user_id}/accounts"""
        return self._transport.read_all("/users/{user_id}/accounts", TradingAccount.from_wire, user_id=user_id)

    def all(self, *, search: str = "", filter: str = "") -> Iterator[AccountRecord]:
        """Every account of the company for an administrator, one's own for anyone else, by id. GET /accounts/all

        `search` looks into phone, e-mail, account number and names. `filter`, of `filters`, names fields of the wire.
        """
        return self._transport.read_pages(
            "/accounts/all",
            AccountRecord.from_wire,
            STYLE_D,
            sort="Id",
            query={"mask": search, "filter": filter, "isReport": False},
        )

    def balances(self, account_id: int) -> Balances:
        """Cash, buying power, equity. GET /accounts/{account_id}/info, whose name misleads: it is no profile."""
        return self._transport.read("/accounts/{account_id}/info", Balances.from_wire, account_id=account_id)

    def consolidated_balances(self, account_ids: Collection[int]) -> Balances:
        """The sums over some accounts. POST /accounts/balance/consolidated, a read."""
        return self._transport.read(
            "/accounts/balance/consolidated", Balances.from_wire, method="POST", body=list(account_ids)
        )

    def details(self, account_id: int) -> AccountOpening:
        """How the account was opened. GET /accounts/{account_id}/details"""
        return self._transport.read("/accounts/{account_id}/details", AccountOpening.from_wire, account_id=account_id)

    def get(self, account_id: int) -> AccountRecord:
        """Permissions, option level, margin calls. GET /accounts/{account_id}, an array of one by specification."""
        return self._transport.read("/accounts/{account_id}", AccountRecord.from_wire, account_id=account_id)

    def history(self, account_id: int, *, since: datetime, until: datetime) -> list[AccountValue]:
        """The equity curve, a point per business day. GET /accounts/{account_id}/history"""
        return self._transport.read_all(
            "/accounts/{account_id}/history",
            AccountValue.from_wire,
            query={"startDate": since, "endDate": until, "step": 1},  # obsolete, and required
            account_id=account_id,
        )

    def consolidated_history(
        self, account_ids: Collection[int], *, since: datetime, until: datetime
    ) -> list[AccountValue]:
        """The equity curve of some accounts together. POST /accounts/history, a read."""
        return self._transport.read_all(
            "/accounts/history",
            AccountValue.from_wire,
            method="POST",
            query={"startDate": since, "endDate": until},
            body=list(account_ids),
        )

    def select(self, account_id: int) -> None:
        """Have AutoShares remember which account the user looks at. PUT /accounts/{account_id}/select, sent once."""
        self._transport.write("PUT", "/accounts/{account_id}/select", account_id=account_id)

    def rename(self, account_id: int, alias: str) -> None:
        """Give an account a name that its user alone sees. PUT /accounts/{account_id}/alias/{alias}, sent once.

        Raises NotFound for the empty name: see `clear_alias`.
        """
        self._transport.write("PUT", "/accounts/{account_id}/alias/{alias}", account_id=account_id, alias=alias)

    def clear_alias(self, account_id: int) -> None:
        """DELETE /accounts/{account_id}/alias, sent once."""
        self._transport.write("DELETE", "/accounts/{account_id}/alias", account_id=account_id)

    def users(self, account_id: int) -> list[AccountUser]:
        """Who may do what with it. GET /accounts/{account_id}/users; an object or an array (API.md C36)."""
        return self._transport.read_some("/accounts/{account_id}/users", AccountUser.from_wire, account_id=account_id)

    def bind(self, account_id: int, user_id: int, access_type: AccessType) -> list[AccountUser]:
        """Let a user in. PUT /accounts/{account_id}/users/{user_id}, sent once; one row or all (API.md C37)."""
        return self._transport.write_rows(
            "PUT",
            ACCOUNT_USER,
            AccountUser.from_wire,
            query={"accessType": access_type},
            account_id=account_id,
            user_id=user_id,
        )

    def bind_by_name(self, account_id: int, username: str, access_type: AccessType) -> list[AccountUser]:
        """The same by login name. PUT /accounts/{account_id}/username/{username}, sent once."""
        return self._transport.write_rows(
            "PUT",
            "/accounts/{account_id}/username/{username}",
            AccountUser.from_wire,
            query={"accessType": access_type},
            account_id=account_id,
            username=username,
        )

    def unbind(self, account_id: int, user_id: int) -> list[AccountUser]:
        """Shut a user out; returns who is left. DELETE /accounts/{account_id}/users/{user_id}, sent once."""
        return self._transport.write_rows(
            "DELETE", ACCOUNT_USER, AccountUser.from_wire, account_id=account_id, user_id=user_id
        )
