"""client.positions: what an account holds. Source: API.md 5.12."""

from collections.abc import Collection, Iterator, Sequence

from .models import Allocation, Position
from .paging import STYLE_A, STYLE_F
from .transport import Transport


class Positions:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, account_id: int) -> Iterator[Position]:
        """Every position by symbol, page by page. GET /accounts/{account_id}/positions

        A position that was closed today stays until the session ends, with quantity 0.
        """
        return self._transport.read_pages(
            "/accounts/{account_id}/positions", Position.from_wire, STYLE_A, sort="Symbol", account_id=account_id
        )

    def by_symbol(self, account_id: int, symbol: str) -> Sequence[Position]:
        """The positions in one ticker, one per margin type; may be empty.

        GET /accounts/{account_id}/positions/{symbol}. Raises ServerError for what is no ticker (API.md 5.12).
        """
        return self._transport.read_all(
            "/accounts/{account_id}/positions/{symbol}",
            Position.from_wire,
            account_id=account_id,
            symbol=symbol,
        )

    def groups(self, account_id: int) -> Sequence[Allocation]:
        """What it holds by kind, cash included. GET /accounts/{account_id}/positions/groups"""
        return self._transport.read_all(
            "/accounts/{account_id}/positions/groups", Allocation.from_wire, account_id=account_id
        )

    def top(self, account_id: int, count: int | None = None) -> Sequence[Allocation]:
        """The largest holdings, largest first. GET /accounts/{account_id}/positions/top"""
        return self._transport.read_all(
            "/accounts/{account_id}/positions/top",
            Allocation.from_wire,
            query={"count": count},
            account_id=account_id,
        )

    def consolidated(self, account_ids: Collection[int], *, filter: str = "") -> Iterator[Position]:
        """Every position of some accounts by symbol, page by page. POST /positions/consolidated, a read."""
        return self._transport.read_pages(
            "/positions/consolidated",
            Position.from_wire,
            STYLE_F,
            sort="Symbol",
            method="POST",
            query={"filter": filter},
            body={"AccountIds": [*account_ids]},
        )
