"""client.positions: what an account holds. Source: API.md 5.12."""

from collections.abc import Iterator, Sequence

from .models import Position
from .paging import Page, every_row, page_query
from .transport import Transport


class Positions:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, account_id: int) -> Iterator[Position]:
        """Every position by symbol, page by page. GET /accounts/{account_id}/positions

        A position that was closed today stays until the session ends, with quantity 0.
        """

        def read_page(number: int, size: int) -> Page[Position]:
            return self._transport.read_page(
                "/accounts/{account_id}/positions",
                Position.from_wire,
                query=page_query(number, size, sort="Symbol", descending=False),
                account_id=account_id,
            )

        return every_row(read_page)

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
