"""client.news: what is written about a ticker, and what its company does. Source: API.md 5.7."""

from .models import CorporateAction, NewsItem
from .transport import Transport


class News:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def of_symbol(self, symbol: str) -> list[NewsItem]:
        """GET /news. Raises Conflict."""
        return self._transport.read_all("/news", NewsItem.from_wire, query={"symbol": symbol})

    def corporate_actions(self, symbol: str) -> list[CorporateAction]:
        """Dividends, splits and the like, recent and to come. GET /news/corporate-actions. Raises Conflict."""
        return self._transport.read_all("/news/corporate-actions", CorporateAction.from_wire, query={"symbol": symbol})
