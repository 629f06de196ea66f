"""Everything that an order may be refused for, as one tree. Views catch `OrderError` alone.

OrderError                  `user_message` for the investor, `field` of the ticket or None, `status` for HTTP
├── TicketInvalid           the ticket cannot be right: quantity, price, tick
├── OrderRefused            AutoShares says no; `code` is its code, `vendor_message` its words
├── OrderNotCancelable      it has ended, or a cancellation is under way
├── FormKeyReused           the same form came back with other content
├── DuplicateUnresolved     a similar order is still being looked for
├── DuplicateRecent         the same order was placed a moment ago: a second one has to be meant
├── PriceMoved              the price is no longer the one that was read back: look at it again
├── MarketHasClosed         it was open when the order was read back: look at it again
├── OrderNotReplaceable     it has ended, or something else is under way
├── RiskRefused             a rule of the broker's says no (trading/risk/errors.py)
├── AccountMayNotTrade      this investor may not do that with this account
├── AgreementsOutstanding   something must be signed first
├── ConnectionEnded         there is no live connection to AutoShares: sign in again
├── BrokerBusy              too many requests for the moment
│   └── TooManyOrders       AutoShares would take no more orders for this account in this minute; nothing was written
└── BrokerUnreachable       AutoShares does not answer; nothing was sent, nothing is lost
"""

import math
from datetime import datetime

from django.utils import timezone

ONLY_SO_MANY = "AutoShares takes only so many orders a minute for one account."


def in_a_while(wait: float | None) -> str:
    """in 12 seconds, in 3 minutes"""
    seconds = max(1, math.ceil(wait or 0))
    if seconds > 120:
        return f"in {math.ceil(seconds / 60)} minutes"
    return f"in {seconds} second{'s' if seconds != 1 else ''}"


class OrderError(Exception):
    """Not done, and why, in a sentence for the investor."""

    status = 409

    def __init__(self, user_message: str, *, field: str | None = None, status: int | None = None) -> None:
        super().__init__(user_message)
        self.user_message = user_message
        self.field = field
        if status is not None:
            self.status = status


class TicketInvalid(OrderError):
    status = 422


class OrderRefused(OrderError):
    status = 422

    def __init__(
        self, user_message: str, *, field: str | None = None, code: str = "", vendor_message: str = ""
    ) -> None:
        super().__init__(user_message, field=field)
        self.code = code
        self.vendor_message = vendor_message


class OrderNotCancelable(OrderError):
    pass


class FormKeyReused(OrderError):
    def __init__(self) -> None:
        super().__init__("This form was already used for something else. Start again from the ticket.")


class DuplicateUnresolved(OrderError):
    pass


class DuplicateRecent(OrderError):
    def __init__(self, before: datetime) -> None:
        self.before = before
        seconds = max(1, round((timezone.now() - before).total_seconds()))
        ago = f"{seconds} second{'s' if seconds != 1 else ''} ago"
        super().__init__(f"You placed the very same order {ago}. Place it again only if you want a second one.")


class PriceMoved(OrderError):
    pass


class MarketHasClosed(OrderError):
    pass


class OrderNotReplaceable(OrderError):
    pass


class AccountMayNotTrade(OrderError):
    status = 403


class AgreementsOutstanding(OrderError):
    status = 403

    def __init__(self) -> None:
        super().__init__("An agreement must be signed before you can trade.")


class ConnectionEnded(OrderError):
    def __init__(self) -> None:
        super().__init__("Your AutoShares connection has ended. Reconnect and confirm again; nothing was sent.")


class BrokerBusy(OrderError):
    status = 503

    def __init__(
        self,
        retry_after: float | None = None,
        user_message: str = "AutoShares is busy. Wait a moment and try again; nothing was sent.",
    ) -> None:
        self.retry_after = retry_after
        super().__init__(user_message)


class TooManyOrders(BrokerBusy):
    status = 429

    def __init__(self, retry_after: float | None) -> None:
        super().__init__(retry_after, f"{ONLY_SO_MANY} Nothing was sent; try again {in_a_while(retry_after)}.")


class BrokerUnreachable(OrderError):
    status = 503

    def __init__(self) -> None:
        super().__init__("AutoShares does not answer right now. Nothing was sent; try again in a moment.")
