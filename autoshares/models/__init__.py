"""What AutoShares tells us, as frozen rows with Decimal amounts and aware UTC moments.

Plain dataclasses, on purpose: a vendor's row is not ours to validate. A field that is new, missing or oddly filled
must never cost an investor the sight of an order, so each `from_wire` takes what it can use. Our field names are the
trade's (`time_in_force`, `limit_price`); the vendor's spellings end at this package.
"""

from .accounts import AccountOpening, AccountRecord, Balances, MarginCalls, TradingAccount
from .agreements import Agreement
from .equities import Equity, FractionalRule
from .orders import Order, OrderChange, OrderDraft, OrderEvent, OrderLimits, OrderPreview, Trail
from .positions import Position
from .quotes import Quote
from .streamers import StreamerAddress, StreamerAddresses
from .users import User

__all__ = [
    "AccountOpening",
    "AccountRecord",
    "Agreement",
    "Balances",
    "Equity",
    "FractionalRule",
    "MarginCalls",
    "Order",
    "OrderChange",
    "OrderDraft",
    "OrderEvent",
    "OrderLimits",
    "OrderPreview",
    "Position",
    "Quote",
    "StreamerAddress",
    "StreamerAddresses",
    "TradingAccount",
    "Trail",
    "User",
]
