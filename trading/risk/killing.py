"""Kill switches: thrown by one person in a moment, lifted by two. In force as soon as the row is committed.

Every process reads the table before it writes an intent and again before it sends one, so nothing has to be told
to anybody, and a restart forgets nothing.
"""

import logging

from django.db import transaction
from django.utils import timezone

from investors.accounts.models import TradingAccount
from investors.people import User
from trading.risk.errors import TradingHalted
from trading.risk.models import KillSwitch

log = logging.getLogger(__name__)


class LiftNeedsAnother(Exception):
    """Who asked to lift a switch cannot be the one who lifts it."""


def throw_switch(
    scope: str,
    *,
    reason: str,
    by: User | None,
    broker=None,
    account: TradingAccount | None = None,
    symbol: str = "",
    is_investors_own: bool = False,
) -> KillSwitch:
    """Stop new orders in a scope of `KillSwitch.Scope`. `by` is None when an alarm of our own throws it."""
    switch = KillSwitch.objects.create(
        scope=scope,
        broker=account.broker if account is not None else broker,
        account=account,
        symbol=symbol.upper(),
        reason=reason,
        thrown_by=by,
        is_investors_own=is_investors_own,
    )
    log.warning("%s thrown, %s: %s", switch, switch.scope, "by its investor" if is_investors_own else reason)
    return switch


def ask_to_lift(switch: KillSwitch, *, by: User) -> bool:
    """The first of two people; False if somebody has asked already, or it is lifted."""
    unasked = KillSwitch.objects.thrown().filter(pk=switch.pk, lift_asked_by=None)
    return bool(unasked.update(lift_asked_by=by, lift_asked_at=timezone.now()))


def lift_switch(switch: KillSwitch, *, by: User) -> bool:
    """The second of two people; False if it is lifted already. Raises LiftNeedsAnother."""
    with transaction.atomic():
        fresh = KillSwitch.objects.select_for_update().get(pk=switch.pk)
        if not fresh.is_thrown:
            return False
        if not fresh.is_investors_own and fresh.lift_asked_by_id in {None, by.pk}:
            raise LiftNeedsAnother
        fresh.lifted_by, fresh.lifted_at = by, timezone.now()
        fresh.save(update_fields=["lifted_by", "lifted_at"])
    log.warning("%s lifted, %s", fresh, fresh.scope)
    return True


def find_halt(account: TradingAccount, symbols: set[str]) -> KillSwitch | None:
    """A switch that keeps orders in any of `symbols` of `account` in the house. One query."""
    return KillSwitch.objects.over(account, symbols).order_by("thrown_at").first()


def refuse_while_halted(account: TradingAccount, symbols: set[str]) -> None:
    """Raises TradingHalted, in words for the investor."""
    if (switch := find_halt(account, symbols)) is not None:
        raise TradingHalted(words_of(switch))


def words_of(switch: KillSwitch) -> str:
    if switch.is_investors_own:
        return "You have stopped trading in this account. Allow it again before you place an order."
    what = {
        KillSwitch.Scope.SYMBOL: f"Trading in {switch.symbol} is stopped at the moment.",
        KillSwitch.Scope.ACCOUNT: "Trading in this account is stopped at the moment.",
    }.get(KillSwitch.Scope(switch.scope), "Trading is stopped at the moment.")
    return f"{what} {switch.reason} Open orders can be canceled as always."
