"""client.ipo: initial public offerings. Source: API.md 5.18. Following one is no purchase. Refusals raise Conflict."""

from collections.abc import Iterator

from .models import Offering
from .paging import STYLE_E
from .transport import Transport

OFFERING = "/ipo/accounts/{account_id}/offerings/{offering_reference}"


class Ipo:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def industries(self) -> list[str]:
        """GET /ipo/industries"""
        return self._transport.read_all("/ipo/industries", str)

    def security_info(self) -> str:
        """A text of which nothing is said. GET /ipo/security-info"""
        return str(self._transport.read_value("/ipo/security-info") or "")

    def offerings(self, account_id: int, *, filter: str = "") -> Iterator[Offering]:
        """Those that are open, by name, page by page. GET /ipo/accounts/{account_id}/offerings/active"""
        return self._transport.read_pages(
            "/ipo/accounts/{account_id}/offerings/active",
            Offering.from_wire,
            STYLE_E,
            sort="Name",
            query={"filter": filter},
            account_id=account_id,
        )

    def follow(self, account_id: int, reference: str) -> None:
        """POST /ipo/accounts/{account_id}/offerings/{offering_reference}/subscribe, sent once."""
        self._transport.write("POST", OFFERING + "/subscribe", account_id=account_id, offering_reference=reference)

    def unfollow(self, account_id: int, reference: str) -> None:
        """POST /ipo/accounts/{account_id}/offerings/{offering_reference}/unsubscribe, sent once."""
        self._transport.write("POST", OFFERING + "/unsubscribe", account_id=account_id, offering_reference=reference)
