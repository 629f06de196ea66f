"""Trading accounts: the investor's list, the balances, the opening record and the back-office record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from ..enums import AccessType, AccountStatus, MarginType, Permission
from ..wire import Fields, read_number
from .users import User


@dataclass(frozen=True)
class TradingAccount:
    """One account as its user sees it. `id` goes into URLs, `clearing_account` is the number people know."""

    id: int
    clearing_account: str
    alias: str
    access_type: AccessType
    margin_type: MarginType
    owner_type: str
    clearing_firm: str
    currency: str
    is_enabled: bool
    is_average_account: bool
    owners: tuple[User, ...]

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.identity("Id") or 0,
            clearing_account=fields.text("ClearingAccount"),
            alias=fields.text("Alias"),
            access_type=fields.word(AccessType, "AccessType"),
            margin_type=fields.word(MarginType, "MarginType"),
            owner_type=fields.text("OwnerType"),
            clearing_firm=fields.text("ClearingFirm"),
            currency=fields.text("Currency") or "USD",
            is_enabled=fields.flag("Enabled", absent=True),
            is_average_account=fields.flag("IsAverageAccount"),
            owners=fields.rows("Owners", User.from_wire),
        )


@dataclass(frozen=True)
class Balances:
    """Money of one account in its currency; None where the vendor names no figure.

    `everything` holds every number of the vendor's flat map by its wire name, these and the others.
    Source: API.md 5.3.2.
    """

    cash: Decimal | None
    net_cash: Decimal | None
    equity: Decimal | None  # value of the account: cash and positions
    market_value: Decimal | None  # all positions, shorts negative
    excess: Decimal | None  # free equity: withdrawable, or usable for new positions
    stock_buying_power: Decimal | None
    option_buying_power: Decimal | None
    day_trading_buying_power: Decimal | None
    maintenance_margin: Decimal | None
    pending_cash: Decimal | None  # reserved for open orders
    pending_orders_count: int
    day_trades: int  # in the last five sessions, today included
    change_today: Decimal | None
    change_today_percent: Decimal | None
    open_profit: Decimal | None
    open_profit_percent: Decimal | None
    closed_profit: Decimal | None  # realised today
    total_profit: Decimal | None
    everything: Mapping[str, Decimal] = field(repr=False)

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        pairs = source.items() if isinstance(source, Mapping) else ()
        return cls(
            cash=fields.number("cash"),
            net_cash=fields.number("netCash"),
            equity=fields.number("equityTotal"),
            market_value=fields.number("marketValue"),
            excess=fields.number("excess"),
            stock_buying_power=fields.number("stockBuyingPower"),
            option_buying_power=fields.number("optionBuyingPower"),
            day_trading_buying_power=fields.number("dayTradingBuyingPower"),
            maintenance_margin=fields.number("maintenanceMargin"),
            pending_cash=fields.number("pendingCash"),
            pending_orders_count=fields.count("pendingOrdersCount") or 0,
            day_trades=fields.count("dayTrades") or 0,
            change_today=fields.number("changeAbsolute"),
            change_today_percent=fields.number("changePercent"),
            open_profit=fields.number("openPL"),
            open_profit_percent=fields.number("openPLPercent"),
            closed_profit=fields.number("closePL"),
            total_profit=fields.number("totalPL"),
            everything={str(name): number for name, raw in pairs if (number := read_number(raw)) is not None},
        )


@dataclass(frozen=True)
class AccountOpening:
    """The record of how an account was opened. The form data (`FormData`) is personal and is left where it is."""

    id: str  # a UUID; not the account id of URLs
    provider: str  # "PaperTrading" for paper accounts
    form_type: str
    customer_type: str
    clearing_account: str
    is_opened: bool
    created_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            id=fields.text("Id"),
            provider=fields.text("AccountProvider"),
            form_type=fields.text("FormType"),
            customer_type=fields.text("CustomerType"),
            clearing_account=fields.text("ClearingAccountNumber"),
            is_opened=fields.flag("IsOpened"),
            created_at=fields.moment("CreatedAt"),
        )


@dataclass(frozen=True)
class MarginCalls:
    """Amounts to deposit; nought means no call."""

    house: Decimal
    maintenance: Decimal
    equity: Decimal
    initial: Decimal
    day_trade: Decimal
    cash: Decimal

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            house=fields.amount("HouseCall"),
            maintenance=fields.amount("MaintenanceCall"),
            equity=fields.amount("EquityCall"),
            initial=fields.amount("InitialCall"),
            day_trade=fields.amount("DayTradeCall"),
            cash=fields.amount("CashCall"),
        )


@dataclass(frozen=True)
class AccountRecord:
    """What the back office knows of an account, without the holder's personal data, which we never ask to keep."""

    id: int
    clearing_account: str
    name: str = field(repr=False)
    status: AccountStatus
    is_enabled: bool
    margin_type: MarginType
    owner_type: str
    permissions: frozenset[Permission]
    option_level: int
    currency: str
    cash: Decimal | None
    unsettled_cash: Decimal | None
    available_to_withdraw: Decimal | None
    equity: Decimal | None
    day_trading_buying_power: Decimal | None
    day_trades: int
    calls: MarginCalls
    created_at: datetime | None
    modified_at: datetime | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        # .NET writes a set of flags as one text: "LongStock, AllowTrade".
        flags = (word.strip() for word in fields.text("Permissions").split(","))
        return cls(
            id=fields.identity("Id") or 0,
            clearing_account=fields.text("ClearingAccount"),
            name=fields.text("AccountName"),
            status=fields.word(AccountStatus, "Status"),
            is_enabled=fields.flag("Enabled", absent=True),
            margin_type=fields.word(MarginType, "MarginType"),
            owner_type=fields.text("OwnerType"),
            permissions=frozenset(Permission(word) for word in flags if word),
            option_level=fields.count("OptionLevel") or 0,
            currency=fields.text("Currency") or "USD",
            cash=fields.number("Cash"),
            unsettled_cash=fields.number("UnsettledCash"),
            available_to_withdraw=fields.number("AvailableToWithdraw"),
            equity=fields.number("EquityTotal"),
            day_trading_buying_power=fields.number("DayTradingBuyingPower"),
            day_trades=fields.count("DayTrades") or 0,
            calls=MarginCalls.from_wire(source),
            created_at=fields.moment("CreatedDate"),
            modified_at=fields.moment("ModifiedDate"),
        )


@dataclass(frozen=True)
class AccountUser:
    """Who may do what with an account."""

    user: User | None
    access_type: AccessType

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(
            user=fields.row("UserModel", User.from_wire),
            access_type=fields.word(AccessType, "AccountAccessType"),
        )


@dataclass(frozen=True)
class AccountValue:
    """A point of the equity curve, one per business day."""

    at: datetime | None
    value: Decimal | None

    @classmethod
    def from_wire(cls, source: Any) -> Self:
        fields = Fields(source)
        return cls(at=fields.moment("Date"), value=fields.number("Value"))
