"""An order that we keep in the house ourselves, as members of the tree in `trading/orders/errors.py`.

OrderError
└── RiskRefused           a rule of the broker's says no; `rule` is a value of `RiskDenial.Rule`
    └── TradingHalted     a kill switch is thrown
"""

from trading.orders.errors import OrderError
from trading.risk.models import RiskDenial


class RiskRefused(OrderError):
    status = 422

    def __init__(self, user_message: str, *, rule: str, field: str | None = None) -> None:
        super().__init__(user_message, field=field)
        self.rule = rule


def rule_of(refusal: OrderError) -> str:
    """The name of the broker's rule behind `refusal`, for people; empty where it was none of them."""
    return RiskDenial.Rule(refusal.rule).label if isinstance(refusal, RiskRefused) else ""


class TradingHalted(RiskRefused):
    status = 409

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message, rule=RiskDenial.Rule.HALTED)
