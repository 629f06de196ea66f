"""Last prices. AutoShares has no quote endpoint in REST: the preview of a one-share order brings one (API.md 5.5)."""

import logging
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from autoshares.errors import AutoSharesError
from autoshares.models import Quote as VendorQuote
from brokers.scoping import broker_scope
from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.errors import GrantEnded
from investors.grants.tokens import client_for, report_unauthorized
from investors.people import User
from trading.nudging import nudge
from trading.orders.models import Order
from trading.orders.tickets import Ticket
from trading.orders.vendor_words import draft_of
from trading.securities.models import Quote, Security
from trading.tasks import refresh_quote as refresh_task
from trading.upstream import describe

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(seconds=2)
ONE_REFRESH_WITHIN = timedelta(seconds=5)


def want_quote(security: Security, *, user: User) -> Quote:
    """The last quote that we know; if it is older than 2 seconds, a task is asked for a newer one. Never the network.

    One refresh at a time, whoever asks; after a failure the next one is tried 5 seconds later. Two or three queries.
    """
    now = timezone.now()
    quote, _ = Quote.unscoped.get_or_create(security=security, defaults={"broker_id": security.broker_id})
    stale = Q(received_at=None) | Q(received_at__lt=now - FRESH_FOR)
    free = Q(asked_at=None) | Q(asked_at__lt=now - ONE_REFRESH_WITHIN)
    if (quote.received_at is None or quote.received_at < now - FRESH_FOR) and Quote.unscoped.filter(
        stale & free, pk=quote.pk
    ).update(asked_at=now):
        quote.asked_at = now
        nudge(refresh_task, security.pk, str(user.pk))
    return quote


def refresh_quote(security_id: int, user_id: str) -> None:
    """Ask AutoShares what one share would cost and keep the quote that comes with the answer. Network."""
    security = Security.unscoped.select_related("broker").filter(pk=security_id).first()
    user = User.objects.filter(pk=user_id).first()
    if security is None or user is None or user.broker_id != security.broker_id:
        return
    with broker_scope(security.broker):
        try:
            quote = _ask(security, user)
        except (AutoSharesError, GrantEnded) as failure:
            _keep_failure(security, failure, user)
            return
        if quote is None:
            _keep_words(security, f"AutoShares has no quote for {security.symbol} at the moment.")
        else:
            keep_quote(security, quote)


def keep_quote(security: Security, quote: VendorQuote) -> None:
    """Write a quote that AutoShares gave just now; one that is older than ours is dropped. Two queries at most."""
    older = Q(as_of=None) | Q(as_of__lte=quote.at) if quote.at else Q()
    values = {
        "last": quote.last,
        "bid": quote.bid,
        "ask": quote.ask,
        "previous_close": quote.previous_close,
        "low": quote.low,
        "high": quote.high,
        "day_volume": quote.day_volume,
        "as_of": quote.at,
        "received_at": timezone.now(),
        "asked_at": None,
        "error": "",
    }
    if not Quote.unscoped.filter(older, security=security).update(**values):
        Quote.unscoped.get_or_create(security=security, defaults={"broker_id": security.broker_id, **values})


def _ask(security: Security, user: User) -> VendorQuote | None:
    account = _account_to_ask_with(user)
    if account is None:
        return None
    ticket = Ticket(security.symbol, Order.Side.BUY, Order.Type.MARKET, Order.TimeInForce.DAY, Decimal(1))
    preview = client_for(user, in_background=True).orders.preview(account.vendor_account_id, draft_of(ticket))
    return preview.quote_of(security.symbol)


def _account_to_ask_with(user: User) -> TradingAccount | None:
    """The account that `user` has chosen, else the first one that they may trade in."""
    current = AccountLink.unscoped.select_related("account").filter(user=user, is_current=True)
    links = [link for link in current.order_by("account__vendor_account_id") if link.can_trade]
    chosen = [link for link in links if link.account_id == user.selected_account_id]
    return next((link.account for link in chosen + links), None)


def _keep_failure(security: Security, failure: Exception, user: User) -> None:
    if isinstance(failure, AutoSharesError):
        log.warning("quote of security %s: %s", security.pk, failure)
        if failure.status == 401:
            report_unauthorized(user)
    _keep_words(security, describe(failure))


def _keep_words(security: Security, words: str) -> None:
    """The old figures stay; `asked_at` too, which keeps the next try a few seconds away."""
    Quote.unscoped.filter(security=security).update(error=words)
