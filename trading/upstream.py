"""What an answer of AutoShares means for the investor who waits for it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from autoshares.client import Client
from autoshares.errors import AutoSharesError, HeldBack, Misconfigured, RateLimited, Unauthorized
from brokers.budgets import refuse_open_transaction
from investors.accounts.models import TradingAccount
from investors.grants.errors import GrantEnded, GrantUnreachable
from investors.grants.models import Grant
from investors.grants.tokens import client_for, report_unauthorized
from investors.people import User
from trading.orders.errors import (
    AccountMayNotTrade,
    BrokerBusy,
    BrokerUnreachable,
    ConnectionEnded,
    OrderError,
    OrderRefused,
    TooManyOrders,
)
from trading.orders.refusals import explain_error

log = logging.getLogger(__name__)

NOT_SET_UP = "The broker's connection to AutoShares is not set up correctly. Your broker has been told."
NOT_ALLOWED = "AutoShares does not let you trade in this account."


def open_client(user: User) -> Client:
    """A client that speaks for `user`. Raises ConnectionEnded, or BrokerUnreachable while a refresh finds nobody."""
    try:
        return client_for(user)
    except GrantUnreachable as unreachable:
        raise BrokerUnreachable from unreachable
    except GrantEnded as ended:
        raise ConnectionEnded from ended


@contextmanager
def leave_to_send(client: Client, account: TradingAccount) -> Iterator[None]:
    """Room among this minute's orders of `account` for what is sent within the block. One statement.

    Asked for before anything is written, so that an order beyond the limit is refused on the ticket and not left to
    go out later, when nobody expects it. Raises TooManyOrders; BrokerUnreachable where our own counting fails.
    """
    refuse_open_transaction()
    with ExitStack() as stack:
        try:
            stack.enter_context(client.orders.leave(account.vendor_account_id))
        except HeldBack as refusal:
            raise TooManyOrders(refusal.retry_after) from refusal
        except AutoSharesError as failure:
            raise BrokerUnreachable from failure
        yield


def order_error(error: AutoSharesError, user: User) -> OrderError:
    """The refusal, in the investor's words, that stands for a failed question; never for a placement."""
    if isinstance(error, Misconfigured):
        log.error("configuration: %s", error)
        return OrderError(NOT_SET_UP, status=503)
    if isinstance(error, RateLimited):
        return BrokerBusy(error.retry_after)
    if isinstance(error, Unauthorized):
        return ConnectionEnded() if is_disconnected(user) else AccountMayNotTrade(NOT_ALLOWED)
    if error.is_refusal:
        refusal = explain_error(error)
        return OrderRefused(
            refusal.user_message, field=refusal.field, code=refusal.code, vendor_message=refusal.vendor_message
        )
    return BrokerUnreachable()


def is_disconnected(user: User) -> bool:
    """Whether `user` has no live grant any more. One query."""
    grant = Grant.unscoped.filter(user=user).first()
    return grant is None or not grant.is_live


def ask_autoshares[Answer](user: User, question: Callable[[Client], Answer]) -> Answer:
    """The answer to something that may be asked twice: once more after a 401 that renewed the tokens. Network.

    Raises OrderError.
    """
    try:
        return question(open_client(user))
    except AutoSharesError as error:
        if not try_again_after(error, user):
            raise order_error(error, user) from error
    try:
        return question(open_client(user))
    except AutoSharesError as error:
        raise order_error(error, user) from error


def try_again_after(error: AutoSharesError, user: User) -> bool:
    """After a 401: True if the tokens were renewed and the same question may be asked once more. Network."""
    return isinstance(error, Unauthorized) and report_unauthorized(user)


def describe(error: Exception) -> str:
    """A short sentence for a panel that shows older figures: why there is nothing newer."""
    if isinstance(error, GrantUnreachable):
        return "AutoShares does not answer."
    if isinstance(error, GrantEnded):
        return "The AutoShares connection has ended."
    if isinstance(error, Misconfigured):
        return NOT_SET_UP
    if isinstance(error, RateLimited):
        return "AutoShares is busy."
    if isinstance(error, Unauthorized):
        return "AutoShares does not show this account."
    if isinstance(error, AutoSharesError):
        return "AutoShares does not answer."
    return "Something went wrong on our side."
