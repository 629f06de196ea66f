"""client.equities: stocks and ETFs. Source: API.md 5.5. There is no quote endpoint in REST; see `models.Quote`."""

from collections.abc import Iterator

from .errors import NotFound
from .models import Equity
from .paging import Page, every_row, page_query
from .transport import Transport


class Equities:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def lookup(self, mask: str, *, count: int = 10) -> list[Equity]:
        """Search as you type in symbol, exchange and description; at most `count` rows. GET /equities/lookup"""
        query = {"mask": mask, "count": count}
        return self._transport.read_all("/equities/lookup", Equity.from_wire, query=query)

    def by_symbol(self, symbol: str) -> Equity:
        """The security with exactly this ticker. GET /equities/{symbol}. Raises NotFound."""
        equity = self._transport.read("/equities/{symbol}", Equity.from_wire, symbol=symbol)
        # Digits in this place are read as a security id, and would silently fetch another company.
        if equity.symbol.upper() != symbol.upper():
            raise NotFound(method="GET", endpoint="/equities/{symbol}", detail="another security came back")
        return equity

    def page(self, filter: str = "") -> Iterator[Equity]:
        """Every security, page by page, by symbol; several hundred calls for a whole market. GET /equities

        `filter` is the vendor's expression: "Exchange = 'XNAS' and AllowTrade = true". Never build it of typed text.
        """

        def read_page(number: int, size: int) -> Page[Equity]:
            query = page_query(number, size, sort="Symbol", descending=False, filter=filter)
            return self._transport.read_page("/equities", Equity.from_wire, query=query)

        return every_row(read_page)
