"""What a stream tells: typed rows with Decimal amounts and aware UTC moments, and what befell the stream itself."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from ..models import Balances, Order, Position
from .frames import FrameFields


@dataclass(frozen=True, kw_only=True)
class News:
    """`received_at` is our clock; what AutoShares says of the time stands in the news itself."""

    received_at: datetime

    @property
    def key(self) -> Hashable | None:
        """News with equal keys replace each other while nobody reads them. None: each of them counts."""
        return None


@dataclass(frozen=True, kw_only=True)
class QuoteTick(News):
    """The quote of one security. Prices in USD per share, None where there is none.

    `price` is the one to show: AutoShares' Price, or its Last where Price is 0. After hours Last stays at the regular
    close while Price moves.
    """

    security_id: int
    price: Decimal | None
    last: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal | None
    ask_size: Decimal | None
    open: Decimal | None
    high: Decimal | None  # of the day
    low: Decimal | None
    previous_close: Decimal | None
    change: Decimal | None  # since the previous close
    change_percent: Decimal | None
    trade_size: Decimal | None  # of the last trade; the wire calls it Volume
    day_volume: Decimal | None
    at: datetime | None  # by AutoShares, to the second
    everything: Mapping[str, Any] = field(repr=False, compare=False)  # the frame: every value a text

    @property
    def key(self) -> Hashable:
        return self.security_id

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        fields = FrameFields(frame)
        return cls(
            received_at=received_at,
            security_id=fields.identity("Key") or 0,
            price=fields.price("Price") or fields.price("Last"),
            last=fields.price("Last"),
            bid=fields.price("Bid"),
            ask=fields.price("Ask"),
            bid_size=fields.number("BidSize"),
            ask_size=fields.number("AskSize"),
            open=fields.price("Open"),
            high=fields.price("High") or fields.price("DayHigh"),
            low=fields.price("Low") or fields.price("DayLow"),
            previous_close=fields.price("PreviousClose"),
            change=fields.number("Change"),
            change_percent=fields.number("ChangePc"),
            trade_size=fields.number("Volume"),
            day_volume=fields.number("TotalDailyVolume"),
            at=fields.american_date("Date"),
            everything=frame,
        )


@dataclass(frozen=True, kw_only=True)
class CandleUpdate(News):
    """A candle as it stands; the running one comes again and again until it is completed."""

    series: str  # AAPL|NGS|USD:1m
    starts_at: datetime | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    volume: Decimal | None
    is_completed: bool

    @property
    def key(self) -> Hashable:
        return self.series, self.starts_at

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        fields = FrameFields(frame)
        return cls(
            received_at=received_at,
            series=fields.text("Key"),
            starts_at=fields.unix_seconds("Time"),
            open=fields.price("Open"),
            high=fields.price("High"),
            low=fields.price("Low"),
            close=fields.price("Close"),
            volume=fields.number("Volume"),
            is_completed=fields.flag("IsCompleted"),
        )


_ORDER_MOMENTS = ("CreateDate", "Date", "TransactionDate", "ExpireDate")
_POSITION_MOMENTS = ("CreateDate", "ModifyDate")


@dataclass(frozen=True, kw_only=True)
class OrderUpdate(News):
    """An order as it is now, the same row that `client.orders` reads.

    Legs come as news of their own, with `order.parent_id`. The stream names no `client_id`; `comment` may carry ours.
    """

    order: Order

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        row = {**frame, "ErrorDescriptionText": frame.get("RejectReason")} | _moments(frame, _ORDER_MOMENTS)
        if row.get("ExecInst") == "0":  # a number on the stream, a word by REST (API.md C60)
            row["ExecInst"] = "None"
        return cls(received_at=received_at, order=Order.from_wire(row))


@dataclass(frozen=True, kw_only=True)
class PositionUpdate(News):
    """A position as it is now, the same row that `client.positions` reads; quantity 0 means closed.

    The stream has no market price, today's profit or margin type: join it with quotes by `security_id`.
    """

    position: Position

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        return cls(
            received_at=received_at, position=Position.from_wire({**frame} | _moments(frame, _POSITION_MOMENTS))
        )


@dataclass(frozen=True, kw_only=True)
class BalanceUpdate(News):
    """The money of one account, or of all of a user's: the same row that `client.accounts.balances` reads."""

    account_id: int | None
    user_id: int | None  # for the balances of a user
    balances: Balances

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        fields = FrameFields(frame)
        of_user = fields.text("EntityType") == "UserBalance"
        # A user's balance names the user in Key, and also in a field that is called AccountId (API.md C72).
        named = fields.identity("AccountId")
        return cls(
            received_at=received_at,
            account_id=None if of_user else named,
            user_id=(fields.identity("Key") or named) if of_user else None,
            balances=Balances.from_wire(fields.pairs("Items")),
        )


@dataclass(frozen=True, kw_only=True)
class WatchlistUpdate(News):
    """A watchlist was created, renamed or deleted."""

    watchlist_id: int | None
    user_id: int | None
    name: str
    description: str
    type: str
    is_deleted: bool
    modified_at: datetime | None

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        fields = FrameFields(frame)
        return cls(
            received_at=received_at,
            watchlist_id=fields.identity("id") or fields.identity("Id"),  # lower case on the wire
            user_id=fields.identity("UserId") or fields.identity("Key"),
            name=fields.text("Name"),
            description=fields.text("Description"),
            type=fields.text("Type"),
            is_deleted=fields.flag("IsDeleted"),
            modified_at=fields.american_date("ModifyDate"),
        )


@dataclass(frozen=True, kw_only=True)
class WatchlistContentUpdate(News):
    """Securities joined or left a watchlist."""

    watchlist_id: int | None
    added: tuple[int, ...]  # security ids
    removed: tuple[int, ...]

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        fields = FrameFields(frame)
        return cls(
            received_at=received_at,
            watchlist_id=fields.identity("Key"),
            added=tuple(int(text) for text in fields.texts("AddedSymbols") if text.isdecimal()),
            removed=tuple(int(text) for text in fields.texts("RemovedSymbols") if text.isdecimal()),
        )


@dataclass(frozen=True, kw_only=True)
class AlertUpdate(News):
    """A price alert was made, or has fired. AutoShares mentions such frames and names none of their fields."""

    alert_id: int | None
    user_id: int | None
    security_id: int | None
    symbol: str
    state: str  # New, Completed, ...
    condition: str  # "Last >= 200.00"
    price: Decimal | None  # at which it fired
    at: datetime | None

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        fields = FrameFields(frame)
        condition = (fields.text(name) for name in ("Field", "Operator", "Argument"))
        return cls(
            received_at=received_at,
            alert_id=fields.identity("Id"),
            user_id=fields.identity("Key"),
            security_id=fields.identity("SecurityId"),
            symbol=fields.text("Symbol"),
            state=fields.text("State"),
            condition=" ".join(word for word in condition if word),
            price=fields.price("Price"),
            at=fields.moment("Date"),
        )


@dataclass(frozen=True, kw_only=True)
class OtherUpdate(News):
    """An entity that has no documented shape (market depth) or that we have not heard of."""

    entity: str
    fields: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_frame(cls, frame: Mapping[str, Any], received_at: datetime) -> Self:
        return cls(received_at=received_at, entity=str(frame.get("EntityType", "")), fields=frame)


@dataclass(frozen=True, kw_only=True)
class Interrupted(News):
    """The connection is gone and is being made again; what is on the screen grows old. `Gap` follows."""

    reason: str

    @property
    def key(self) -> Hashable:
        return Interrupted


class GapReason(StrEnum):
    RECONNECTED = "reconnected"
    SLOW_CONSUMER = "slow consumer"  # more news waited than fit, all of them were dropped
    UNREADABLE = "unreadable frame"


@dataclass(frozen=True, kw_only=True)
class Gap(News):
    """Since `since` something may have been missed, and from now on nothing is: the moment to read again by REST."""

    since: datetime
    reason: GapReason

    @property
    def key(self) -> Hashable:
        return Gap


@dataclass(frozen=True, kw_only=True)
class Refused(News):
    """AutoShares does not let us see these keys of an entity: they belong to someone else, or do not exist."""

    entity: str
    keys: tuple[str, ...]


_READERS: dict[str, Callable[[Mapping[str, Any], datetime], News]] = {
    "Quote": QuoteTick.from_frame,
    "Candle": CandleUpdate.from_frame,
    "Order": OrderUpdate.from_frame,
    "Position": PositionUpdate.from_frame,
    "AccountBalance": BalanceUpdate.from_frame,
    "UserBalance": BalanceUpdate.from_frame,
    "Watchlist": WatchlistUpdate.from_frame,
    "WatchlistContent": WatchlistContentUpdate.from_frame,
    "PriceAlert": AlertUpdate.from_frame,
}


def news_of(frame: Mapping[str, Any], received_at: datetime) -> News:
    """The news in an entity's frame."""
    return _READERS.get(str(frame.get("EntityType")), OtherUpdate.from_frame)(frame, received_at)


def _moments(frame: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, int | None]:
    """The named members as numbers: the rows of REST know milliseconds only as such."""
    fields = FrameFields(frame)
    return {name: fields.count(name) for name in names}
