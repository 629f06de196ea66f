"""Price alerts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import AlertCondition, AlertPrice, AlertState
from ..wire import Fields, write_seconds


@dataclass(frozen=True, kw_only=True)
class AlertDraft:
    """Tell me when `watched` of a security is at or above (below) `price` USD, until `expires_at`."""

    security_id: int
    condition: AlertCondition
    price: Decimal
    expires_at: datetime
    watched: AlertPrice = AlertPrice.LAST
    state: AlertState = AlertState.NEW

    def to_wire(self) -> dict[str, Any]:
        """All six members, since the vendor wants them all."""
        return {
            "SecurityId": self.security_id,
            "Operator": self.condition,
            "Field": self.watched,
            "Argument": self.price,
            "State": self.state,
            "ExpirationDate": write_seconds(self.expires_at),
        }


@dataclass(frozen=True)
class Alert:
    id: int
    security_id: int | None
    symbol: str
    condition: AlertCondition
    watched: AlertPrice
    price: Decimal | None
    state: AlertState
    created_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id") or 0,
            security_id=fields.identity("SecurityId"),
            symbol=fields.text("Symbol"),
            condition=fields.word(AlertCondition, "Operator"),
            watched=fields.word(AlertPrice, "Field"),
            price=fields.number("Argument"),
            state=fields.word(AlertState, "State"),
            created_at=fields.seconds("CreatedDate"),
            expires_at=fields.seconds("ExpirationDate"),
        )
