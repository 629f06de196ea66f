"""client.options: option contracts. Source: API.md 4.5, 5.5 and 6.6."""

from collections.abc import Iterator
from datetime import datetime

from . import filters
from .enums import ExpirationType
from .models import Option, OptionChain, OptionExpiration
from .paging import STYLE_A
from .transport import Transport


class Options:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, option_id: int) -> Option:
        """The contract with this id. GET /options/{id}. Raises NotFound."""
        return self._transport.read("/options/{id}", Option.from_wire, id=option_id)

    def by_symbol(self, symbol: str) -> Option:
        """The contract with this OSI symbol, 21 characters with its blanks. GET /options/{symbol}. Raises NotFound."""
        return self._transport.read("/options/{symbol}", Option.from_wire, symbol=symbol)

    def chain(
        self,
        underlying: str,
        *,
        expires_at: datetime | None = None,
        strikes: int | None = None,
        kind: ExpirationType | None = None,
    ) -> OptionChain:
        """Calls and puts of a ticker, without prices. GET /options/optionChain/{symbol}

        `strikes` is how many above and below the central one. Raises ServerError for what is no ticker.
        """
        filter = filters.all_of(
            f"Expiration = {filters.literal(expires_at)}" if expires_at else "",
            filters.equals("Range", strikes),
            filters.equals("ExpirationType", kind.filter_code if kind else None),
        )
        endpoint = "/options/optionChain/{symbol}"
        return self._transport.read(endpoint, OptionChain.from_wire, query={"filter": filter}, symbol=underlying)

    def expirations(self, underlying: str) -> list[OptionExpiration]:
        """The series of a ticker. GET /options/expirations"""
        query = {"underlying": underlying}
        return self._transport.read_all("/options/expirations", OptionExpiration.from_wire, query=query)

    def list(self, underlying: str = "", *, series_id: int | None = None) -> Iterator[Option]:
        """Contracts, page by page, by symbol; of one ticker, of one series, or all of them. GET /options"""
        filter = filters.all_of(
            filters.equals("UnderlyingAssetSymbol", underlying), filters.equals("SeriesId", series_id)
        )
        query = {"filter": filter}
        return self._transport.read_pages("/options", Option.from_wire, STYLE_A, sort="Symbol", query=query)
