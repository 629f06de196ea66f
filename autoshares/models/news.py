"""News and corporate actions of a ticker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any, Self

from ..wire import Fields


@dataclass(frozen=True)
class NewsItem:
    """Plain text: the vendor's HTML entities are resolved once, so escape it for output as any other text."""

    symbol: str
    at: datetime | None
    source: str
    headline: str
    teaser: str
    url: str  # of the article

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            symbol=fields.text("Key"),
            at=fields.seconds("Date"),
            source=fields.text("Source"),
            headline=unescape(fields.text("Header")),
            teaser=unescape(fields.text("Content")),
            url=fields.text("Attachment"),
        )


@dataclass(frozen=True)
class CorporateAction:
    """A dividend, a split, … `type` and the names in `details` are the vendor's and open."""

    id: int | None
    event_id: int | None
    unique_id: str
    security_id: int | None
    type: str
    at: datetime | None
    is_completed: bool
    completed_at: datetime | None
    is_canceled: bool
    details: Mapping[str, str]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id"),
            event_id=fields.identity("CorporateActionEventId"),
            unique_id=fields.text("UniqueId"),
            security_id=fields.identity("SecurityId"),
            type=fields.text("Type"),
            at=fields.moment("Date"),
            is_completed=fields.flag("Completed"),
            completed_at=fields.moment("CompleteDate"),
            is_canceled=fields.flag("IsCancel"),
            details=fields.text_map("Data"),
        )
