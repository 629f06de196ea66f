"""New rows of the book: an order as its ticket says, and the legs of a head."""

from typing import Any
from uuid import UUID

from investors.accounts.models import TradingAccount
from investors.people import User
from trading.orders.models import Order
from trading.orders.tickets import Ticket, leg_client_id


def write_order(account: TradingAccount, by: User | None, ticket: Ticket, client_id: UUID, **values: Any) -> Order:
    """The order, or the head with its legs. `values` are further columns of the order itself. In a transaction."""
    common = {"broker_id": account.broker_id, "account": account, "placed_by": by}
    order = Order.unscoped.create(**common, **ticket.order_values(), client_id=client_id, **values)
    for place, leg in enumerate(ticket.legs):
        Order.unscoped.create(
            **common,
            **leg.order_values(),
            client_id=leg_client_id(client_id, place),
            parent=order,
            place_in_group=place,
        )
    return order
