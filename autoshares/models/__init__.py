"""What AutoShares tells us, as frozen rows with Decimal amounts and aware UTC moments.

Plain dataclasses, on purpose: a vendor's row is not ours to validate. A field that is new, missing or oddly filled
must never cost an investor the sight of an order, so each `from_wire` takes what it can use. Our field names are the
trade's (`time_in_force`, `limit_price`); the vendor's spellings end at this package.
"""

from .accounts import AccountOpening, AccountRecord, AccountUser, AccountValue, Balances, MarginCalls, TradingAccount
from .ach import BankLink, BankLinkDraft, PlaidLinkDraft
from .agreements import Agreement
from .alerts import Alert, AlertDraft
from .charts import Candle, Chart, ChartExport, ChartSpan, Indicator, IndicatorPoint
from .drafts import OrderChange, OrderDraft, StrategyLeg, Trail
from .equities import CurrencyRate, Equity, FractionalRule
from .funds import FundExchange, FundOrder, FundPreview, FundPurchase, FundSale, Offering, Reinvestment
from .news import CorporateAction, NewsItem
from .options import ChainExpiration, Option, OptionChain, OptionExpiration
from .orders import Order, OrderEvent, OrderLimits, OrderPreview
from .positions import Allocation, Position
from .quotes import Quote
from .registration import AccountRequest, FormField, FormUnit, Registration
from .settings import TicketDefaults, TradingSettings
from .streamers import StreamerAddress, StreamerAddresses
from .transactions import ConsolidatedTransaction, Fee, Transaction
from .transfer_drafts import (
    AchTransfer,
    CheckTransfer,
    IraContribution,
    IraDistribution,
    PostalAddress,
    WireTransfer,
    ZelleTransfer,
)
from .transfers import ContributionReason, DistributionReason, IraConstraints, Transfer, TransferFee
from .users import Address, Profile, ProfileChange, User
from .watchlists import WatchedSecurity, Watchlist

__all__ = [
    "AccountOpening",
    "AccountRecord",
    "AccountRequest",
    "AccountUser",
    "AccountValue",
    "AchTransfer",
    "Address",
    "Agreement",
    "Alert",
    "AlertDraft",
    "Allocation",
    "Balances",
    "BankLink",
    "BankLinkDraft",
    "Candle",
    "ChainExpiration",
    "Chart",
    "ChartExport",
    "ChartSpan",
    "CheckTransfer",
    "ConsolidatedTransaction",
    "ContributionReason",
    "CorporateAction",
    "CurrencyRate",
    "DistributionReason",
    "Equity",
    "Fee",
    "FormField",
    "FormUnit",
    "FractionalRule",
    "FundExchange",
    "FundOrder",
    "FundPreview",
    "FundPurchase",
    "FundSale",
    "Indicator",
    "IndicatorPoint",
    "IraConstraints",
    "IraContribution",
    "IraDistribution",
    "MarginCalls",
    "NewsItem",
    "Offering",
    "Option",
    "OptionChain",
    "OptionExpiration",
    "Order",
    "OrderChange",
    "OrderDraft",
    "OrderEvent",
    "OrderLimits",
    "OrderPreview",
    "PlaidLinkDraft",
    "Position",
    "PostalAddress",
    "Profile",
    "ProfileChange",
    "Quote",
    "Registration",
    "Reinvestment",
    "StrategyLeg",
    "StreamerAddress",
    "StreamerAddresses",
    "TicketDefaults",
    "TradingAccount",
    "TradingSettings",
    "Trail",
    "Transaction",
    "Transfer",
    "TransferFee",
    "User",
    "WatchedSecurity",
    "Watchlist",
    "WireTransfer",
    "ZelleTransfer",
]
