"""Stop trading: the investor's own kill switch. Everything open is canceled, nothing new leaves until they say so."""

import uuid

from investors.accounts.models import TradingAccount
from investors.people import User
from trading.orders.canceling import cancel_order
from trading.orders.errors import OrderError
from trading.orders.models import Order
from trading.orders.permission import find_trading_link
from trading.orders.states import SETTLED
from trading.risk.killing import lift_switch, throw_switch
from trading.risk.models import KillSwitch

CANCEL_FORMS = uuid.UUID("0f0b3a52-2f0e-4b43-9d55-6f2c5d1c8a11")


def stop_trading(account: TradingAccount, *, by: User, form_key: uuid.UUID) -> list[Order]:
    """Block new orders first, then ask for the cancellation of every open one; those that could not be asked for.

    The block holds for everybody in this account; whoever threw it, or staff, lifts it. Two clicks throw one switch.
    Raises AccountMayNotTrade.
    """
    find_trading_link(account, by)
    if own_switch(account) is None:
        reason = f"Stopped by {by.full_name}."
        throw_switch(KillSwitch.Scope.ACCOUNT, account=account, reason=reason, by=by, is_investors_own=True)
    return cancel_all(account, by=by, form_key=form_key)


def cancel_all(account: TradingAccount, *, by: User, form_key: uuid.UUID) -> list[Order]:
    """Ask for the cancellation of every open order; those for which it could not be asked. Network, one call each.

    The same form asks once per order, whatever happens in between.
    """
    find_trading_link(account, by)
    left = []
    for order in Order.unscoped.filter(account=account, parent=None).exclude(state__in=SETTLED).order_by("created_at"):
        if not order.is_cancelable:
            continue
        try:
            cancel_order(order, by=by, form_key=uuid.uuid5(CANCEL_FORMS, f"{form_key}:{order.pk}"))
        except OrderError:
            left.append(order)
    return left


def resume_trading(account: TradingAccount, *, by: User) -> bool:
    """Lift the investor's own switch; False if none is thrown. Others' switches stay. Raises AccountMayNotTrade."""
    find_trading_link(account, by)
    switch = own_switch(account)
    return switch is not None and lift_switch(switch, by=by)


def own_switch(account: TradingAccount) -> KillSwitch | None:
    return KillSwitch.objects.thrown().filter(account=account, is_investors_own=True).first()
