"""client.equities: stocks and ETFs. Source: API.md 5.5. There is no quote endpoint in REST; see `models.Quote`."""

from collections.abc import Iterator

from .errors import NotFound
from .models import CurrencyRate, Equity
from .paging import STYLE_A
from .transport import Transport


class Equities:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def lookup(self, mask: str, *, count: int = 10, filter: str = "") -> list[Equity]:
        """Search as you type in symbol, exchange and description; at most `count` rows. GET /equities/lookup"""
        query = {"mask": mask, "count": count, "filter": filter}
        return self._transport.read_all("/equities/lookup", Equity.from_wire, query=query)

    def by_symbol(self, symbol: str) -> Equity:
        """The security with exactly this ticker. GET /equities/{symbol}. Raises NotFound."""
        equity = self._transport.read("/equities/{symbol}", Equity.from_wire, symbol=symbol)
        # Digits in this place are read as a security id, and would silently fetch another company.
        if equity.symbol.upper() != symbol.upper():
            raise NotFound(method="GET", endpoint="/equities/{symbol}", detail="another security came back")
        return equity

    def get(self, security_id: int) -> Equity:
        """The security with this id. GET /equities/{id}. Raises NotFound."""
        return self._transport.read("/equities/{id}", Equity.from_wire, id=security_id)

    def logo(self, symbol: str) -> bytes:
        """A PNG picture. GET /equities/{symbol}/logo. Raises NotFound."""
        return self._transport.read_file("/equities/{symbol}/logo", symbol=symbol)

    def page(self, filter: str = "") -> Iterator[Equity]:
        """Every security, page by page, by symbol; several hundred calls for a whole market. GET /equities

        `filter` is the vendor's expression: "Exchange = 'XNAS' and AllowTrade = true". Never build it of typed text;
        `filters` does it of values.
        """
        query = {"filter": filter}
        return self._transport.read_pages("/equities", Equity.from_wire, STYLE_A, sort="Symbol", query=query)

    def currency_rate(self, currency: str, target: str) -> CurrencyRate:
        """What one unit of `currency` costs in `target`. GET /currencyRate. Raises NotFound."""
        query = {"currency": currency, "targetCurrency": target}
        return self._transport.read("/currencyRate", CurrencyRate.from_wire, query=query)
