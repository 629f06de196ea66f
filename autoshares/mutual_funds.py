"""client.mutual_funds: fund orders, by the clearing account number. Source: API.md 5.17.

Placing and canceling are sent once; a preview is a read. A refusal raises Conflict or Invalid.
"""

from typing import Any

from .errors import Unavailable
from .models import FundExchange, FundOrder, FundPreview, FundPurchase, FundSale
from .transport import Transport

ORDERS = "/accounts/{clearing_number}/orders/mutual-funds"
PREVIEWS = "/accounts/{clearing_number}/preview/orders/mutual-funds"


class MutualFunds:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def buy(self, clearing_number: str, purchase: FundPurchase) -> FundOrder:
        """POST /accounts/{clearing_number}/orders/mutual-funds/buy"""
        return self._place("/buy", clearing_number, purchase.to_wire())

    def sell(self, clearing_number: str, sale: FundSale) -> FundOrder:
        """POST /accounts/{clearing_number}/orders/mutual-funds/sell"""
        return self._place("/sell", clearing_number, sale.to_wire())

    def exchange(self, clearing_number: str, exchange: FundExchange) -> FundOrder:
        """POST /accounts/{clearing_number}/orders/mutual-funds/exchange"""
        return self._place("/exchange", clearing_number, exchange.to_wire())

    def liquidate(self, clearing_number: str, symbol: str) -> FundOrder:
        """Redeem all of a fund. POST /accounts/{clearing_number}/orders/mutual-funds/liquidate"""
        return self._place("/liquidate", clearing_number, {"Symbol": symbol})

    def preview_buy(self, clearing_number: str, purchase: FundPurchase) -> FundPreview:
        """POST /accounts/{clearing_number}/preview/orders/mutual-funds/buy"""
        return self._preview("/buy", clearing_number, purchase.to_wire())

    def preview_sell(self, clearing_number: str, sale: FundSale) -> FundPreview:
        """POST /accounts/{clearing_number}/preview/orders/mutual-funds/sell"""
        return self._preview("/sell", clearing_number, sale.to_wire())

    def preview_exchange(self, clearing_number: str, exchange: FundExchange) -> FundPreview:
        """POST /accounts/{clearing_number}/preview/orders/mutual-funds/exchange"""
        return self._preview("/exchange", clearing_number, exchange.to_wire())

    def preview_liquidate(self, clearing_number: str, symbol: str) -> FundPreview:
        """POST /accounts/{clearing_number}/preview/orders/mutual-funds/liquidate"""
        return self._preview("/liquidate", clearing_number, {"Symbol": symbol})

    def cancel(self, clearing_number: str, order_id: int) -> None:
        """DELETE /accounts/{clearing_number}/orders/mutual-funds/{order_id} -> 200 or 204. Raises Conflict."""
        self._transport.write("DELETE", ORDERS + "/{order_id}", clearing_number=clearing_number, order_id=order_id)

    def _place(self, kind: str, clearing_number: str, body: dict[str, Any]) -> FundOrder:
        answer = self._transport.write("POST", ORDERS + kind, body=body, clearing_number=clearing_number)
        order = FundOrder.from_wire(answer.json())
        if not order.id:
            # Some 2xx that names no order: it may have been made all the same.
            raise Unavailable(**answer.facts, detail="no order in the answer")
        return order

    def _preview(self, kind: str, clearing_number: str, body: dict[str, Any]) -> FundPreview:
        return self._transport.read(
            PREVIEWS + kind, FundPreview.from_wire, method="POST", body=body, clearing_number=clearing_number
        )
