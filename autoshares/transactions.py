"""client.transactions and client.activity: what has happened to an account. Source: API.md 5.13.

`filter`, of `filters`, names fields of the wire: Type, Symbol, Quantity, …
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from . import filters
from .enums import ReportFormat
from .models import ConsolidatedTransaction, Transaction
from .paging import STYLE_B, STYLE_C, STYLE_F
from .transport import Transport


def _within(filter: str, since: datetime | None, until: datetime | None) -> str:
    return filters.all_of(filter, filters.since("Date", since), filters.until("Date", until))


class Transactions:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        account_id: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        filter: str = "",
        only_with_code: bool = False,
    ) -> Iterator[Transaction]:
        """Transactions, newest first, page by page. GET /accounts/{account_id}/transactions. Raises Invalid."""
        return self._transport.read_pages(
            "/accounts/{account_id}/transactions",
            Transaction.from_wire,
            STYLE_B,
            sort="Date",
            descending=True,
            query={"filter": _within(filter, since, until), "checkCode": only_with_code},
            account_id=account_id,
        )

    def allowed_types(self, account_id: int) -> Sequence[str]:
        """The words for a filter by Type. GET /accounts/{account_id}/transactions/allowed-types"""
        return self._transport.read_all(
            "/accounts/{account_id}/transactions/allowed-types", str, account_id=account_id
        )

    def report(
        self,
        account_id: int,
        format: ReportFormat = ReportFormat.CSV,
        *,
        filter: str = "",
        only_with_code: bool = False,
    ) -> Sequence[str]:
        """A report, newest first, as texts whose content nobody has described.

        GET /accounts/{account_id}/transaction/report, in the singular. Raises Invalid for a bad filter.
        """
        return self._transport.read_all(
            "/accounts/{account_id}/transaction/report",
            str,
            query={
                "sortBy": "Date",
                "isDesc": True,
                "reportEnum": format,
                "checkCode": only_with_code,
                "filter": filter,
            },
            account_id=account_id,
        )

    def consolidated(self, account_ids: Collection[int], *, filter: str = "") -> Iterator[ConsolidatedTransaction]:
        """Transactions of some accounts, newest first, page by page. POST /transactions/consolidated, a read."""
        return self._transport.read_pages(
            "/transactions/consolidated",
            ConsolidatedTransaction.from_wire,
            STYLE_F,
            sort="Date",
            descending=True,
            method="POST",
            query={"filter": filter},
            body={"AccountIds": [*account_ids]},
        )


class Activity:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        account_id: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        filter: str = "",
    ) -> Iterator[Transaction]:
        """Activity, newest first, page by page. GET /accounts/{account_id}/activity. Raises Invalid."""
        return self._transport.read_pages(
            "/accounts/{account_id}/activity",
            Transaction.from_wire,
            STYLE_C,
            sort="Date",
            descending=True,
            query={"filter": _within(filter, since, until)},
            account_id=account_id,
        )

    def allowed_types(self, account_id: int) -> Sequence[str]:
        """The words for a filter by Type. GET /accounts/{account_id}/activity/allowed-types"""
        return self._transport.read_all("/accounts/{account_id}/activity/allowed-types", str, account_id=account_id)

    def report(self, account_id: int, format: ReportFormat = ReportFormat.CSV, *, filter: str = "") -> Sequence[str]:
        """A report, newest first, as texts whose content nobody has described.

        GET /accounts/{account_id}/activity/report. Raises Invalid for a bad filter.
        """
        return self._transport.read_all(
            "/accounts/{account_id}/activity/report",
            str,
            query={"sortBy": "Date", "isAsc": False, "reportEnum": format, "filter": filter},
            account_id=account_id,
        )
