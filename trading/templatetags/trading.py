"""Pieces that several trading pages draw: the account strip, the switcher, the key of a form."""

from typing import Any
from uuid import uuid4

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trading import context as around
from trading.orders.models import Order
from trading.orders.tickets import Ticket
from trading.orders.wording import how, life

register = template.Library()


@register.inclusion_tag("trading/_strip.html", takes_context=True)
def account_strip(context: RequestContext) -> dict[str, Any]:
    """The strip for the account in `link`. Costs a query."""
    return {"strip": around.account_strip(context["request"], context["link"])}


@register.inclusion_tag("trading/_accounts.html", takes_context=True)
def account_switcher(context: RequestContext) -> dict[str, Any]:
    """The chosen account's name, a menu when there are several. Costs a query."""
    request = context["request"]
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "link": context.get("link"),
        "links": around.account_links(request),
    }


@register.simple_tag
def form_key() -> SafeString:
    """A hidden field with a key of its own: the same form, sent twice, asks for one thing only."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4())


@register.filter
def order_act(order: Order) -> str:
    """Buy 100 AAPL; Sell short $500.00 of KO."""
    return str(order)


@register.filter
def order_terms(order: Order) -> str:
    """At which price a single order trades; what kind of group a head is."""
    return order.get_type_display() if order.is_group else how(Ticket.of_order(order))


@register.filter
def order_life(order: Order) -> str:
    """How long it is good for: good today, good through Dec 1, 2026."""
    return life(Ticket.of_order(order)) if not order.is_group else ""
