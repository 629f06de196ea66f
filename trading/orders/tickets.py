"""What the investor asks for: one order as read from the ticket, before anybody was told."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from autoshares.enums import OrderType, Side, TimeInForce
from autoshares.models import OrderDraft
from autoshares.wire import encode_json
from brokers.templatetags.figures import money, price, quantity
from trading.orders.errors import TicketInvalid
from trading.orders.models import Order

if TYPE_CHECKING:
    from trading.securities.models import Security

# Far above any private order and far below what the columns hold; keeps a slip of the finger from the wire.
MOST_SHARES = Decimal(1_000_000)
HIGHEST_PRICE = Decimal(1_000_000)

_SIDES = {Order.Side.BUY: Side.BUY, Order.Side.SELL: Side.SELL}
_TYPES = {Order.Type.MARKET: OrderType.MARKET, Order.Type.LIMIT: OrderType.LIMIT}
_LIVES = {Order.TimeInForce.DAY: TimeInForce.DAY, Order.TimeInForce.GTC: TimeInForce.GOOD_TILL_CANCEL}
SIDE_OF_VENDOR = {theirs: ours for ours, theirs in _SIDES.items()}
TYPE_OF_VENDOR = {theirs: ours for ours, theirs in _TYPES.items()}
LIFE_OF_VENDOR = {theirs: ours for ours, theirs in _LIVES.items()}


class Priced(Protocol):
    """What a preview says an order costs, in USD."""

    @property
    def cost(self) -> Decimal | None: ...

    @property
    def commission(self) -> Decimal | None: ...


@dataclass(frozen=True)
class Ticket:
    """`quantity` in shares, `limit_price` in USD per share and None for a market order.

    `side`, `type` and `time_in_force` are values of `Order.Side`, `Order.Type` and `Order.TimeInForce`.
    """

    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal
    limit_price: Decimal | None = None

    @classmethod
    def from_payload(cls, payload: dict[str, str | None]) -> "Ticket":
        """The ticket that `payload()` was made of."""
        limit = payload["limit_price"]
        return cls(
            symbol=payload["symbol"] or "",
            side=payload["side"] or "",
            type=payload["type"] or "",
            time_in_force=payload["time_in_force"] or "",
            quantity=Decimal(payload["quantity"] or 0),
            limit_price=None if limit is None else Decimal(limit),
        )

    @property
    def is_buy(self) -> bool:
        return self.side == Order.Side.BUY

    def check(self, security: "Security | None" = None) -> None:
        """Raise TicketInvalid, with the field, for what can be known to be wrong without asking anybody."""
        if self.side not in _SIDES or self.type not in _TYPES or self.time_in_force not in _LIVES:
            raise TicketInvalid("Choose buy or sell, the type of order and how long it stays.")
        self._check_quantity()
        self._check_price(security)
        if self.type == Order.Type.MARKET and self.time_in_force != Order.TimeInForce.DAY:
            raise TicketInvalid("A market order is good for the day.", field="time_in_force")
        if security is not None and not security.is_tradable:
            raise TicketInvalid(f"{security.symbol} cannot be traded at the moment.", field="symbol")

    def _check_quantity(self) -> None:
        if not self.quantity.is_finite() or self.quantity <= 0:
            raise TicketInvalid("Enter how many shares: 1 or more.", field="quantity")
        if self.quantity % 1:
            raise TicketInvalid("Enter whole shares; fractions cannot be traded here.", field="quantity")
        if self.quantity > MOST_SHARES:
            raise TicketInvalid(f"At most {quantity(MOST_SHARES)} shares in one order.", field="quantity")

    def _check_price(self, security: "Security | None") -> None:
        if self.type == Order.Type.MARKET:
            if self.limit_price is not None:
                raise TicketInvalid("A market order has no limit price.", field="limit_price")
            return
        limit = self.limit_price
        if limit is None or not limit.is_finite() or limit <= 0:
            raise TicketInvalid("Enter a limit price above zero.", field="limit_price")
        if limit > HIGHEST_PRICE:
            raise TicketInvalid(f"A limit price of at most {money(HIGHEST_PRICE)}.", field="limit_price")
        tick = tick_at(limit, security)
        if limit % tick:
            raise TicketInvalid(f"The limit price moves in steps of {tick.normalize():f}.", field="limit_price")

    def payload(self) -> dict[str, str | None]:
        """The ticket as JSON, decimals as text without needless zeros: the same order gives the same text."""
        return {
            "symbol": self.symbol,
            "side": str(self.side),
            "type": str(self.type),
            "time_in_force": str(self.time_in_force),
            "quantity": _plain(self.quantity),
            "limit_price": None if self.limit_price is None else _plain(self.limit_price),
        }

    def to_draft(self, client_id: UUID | None = None) -> OrderDraft:
        """What AutoShares is sent. Our id goes into ClientId and Comment, since neither is promised to come back."""
        ours = str(client_id) if client_id else ""
        return OrderDraft(
            symbol=self.symbol,
            side=_SIDES[Order.Side(self.side)],
            type=_TYPES[Order.Type(self.type)],
            quantity=self.quantity,
            time_in_force=_LIVES[Order.TimeInForce(self.time_in_force)],
            limit_price=self.limit_price,
            client_id=ours,
            comment=ours,
        )

    def sentence(self, preview: Priced | None = None) -> str:
        """Buy 100 AAPL at 181.20 or better, good today, for about $18,120.00 plus $1.00 commission."""
        how = "at the market price" if self.limit_price is None else f"at {price(self.limit_price)} or better"
        life = "good today" if self.time_in_force == Order.TimeInForce.DAY else "good till canceled"
        words = f"{'Buy' if self.is_buy else 'Sell'} {quantity(self.quantity)} {self.symbol} {how}, {life}"
        if preview is None or preview.cost is None:
            return words
        words += f", for about {money(abs(preview.cost))}"
        if preview.commission:
            words += f" {'plus' if self.is_buy else 'less'} {money(preview.commission)} commission"
        return words


def tick_at(limit: Decimal, security: "Security | None") -> Decimal:
    """The step of a limit price, USD: the security's own, or cents, and a hundredth of a cent below 1 USD."""
    tick = security.tick_size if security is not None and security.tick_size > 0 else Decimal("0.01")
    # API.md 5.5: 0.0001 below 1 USD (SEC rule 612), whatever the security's tick is above.
    return min(tick, Decimal("0.0001")) if limit < 1 else tick


def hash_payload(payload: dict[str, str | None]) -> str:
    """SHA-256 of the payload's canonical JSON, as hexadecimal text."""
    return hashlib.sha256(encode_json(dict(sorted(payload.items()))).encode()).hexdigest()


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
