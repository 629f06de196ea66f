"""Where the streaming servers are. Source: API.md 5.16 and 9.1."""

from dataclasses import dataclass, field
from typing import Any, Self

from ..wire import Fields


@dataclass(frozen=True)
class StreamerAddress:
    """`url` is wss://host:port, perhaps with a path. `session_id` opens a session, so it never shows; may be empty."""

    url: str
    type: str  # "EntitlementBased", "Delayed", "delayed": for the eye, never branch on it (API.md C39)
    session_id: str = field(repr=False)

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            url=fields.text("Url"),
            type=fields.text("Type"),
            session_id=fields.text("SessionId") or fields.text("SessionID"),
        )


@dataclass(frozen=True)
class StreamerAddresses:
    quotes: tuple[StreamerAddress, ...]
    data: tuple[StreamerAddress, ...]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            quotes=fields.rows("QuoteAddresses", StreamerAddress.from_wire),
            data=fields.rows("DataAddresses", StreamerAddress.from_wire),
        )
