"""The rooms of this app define the models; this only gathers them for Django."""

from trading.orders.models import Order, OrderDraft, OrderEvent, OrderRequest
from trading.portfolio.models import AccountBook, Position
from trading.preferences.models import TradingPreferences
from trading.risk.models import KillSwitch, RiskDenial, RiskLimits
from trading.securities.models import Quote, Security, SecuritySearch

__all__ = [
    "AccountBook",
    "KillSwitch",
    "Order",
    "OrderDraft",
    "OrderEvent",
    "OrderRequest",
    "Position",
    "Quote",
    "RiskDenial",
    "RiskLimits",
    "Security",
    "SecuritySearch",
    "TradingPreferences",
]
