"""Who may ask for what with an account: its orders are placed, changed and canceled by whoever may trade in it.

A cancel asks for nothing but a link that may trade: an order can be taken back from a closed account, too, and with
agreements outstanding.
"""

from agreements.models import OutstandingAgreement
from investors.accounts.models import AccountLink, TradingAccount
from investors.people import User
from trading.orders.errors import AccountMayNotTrade, AgreementsOutstanding
from trading.orders.tickets import Ticket


def find_trading_link(account: TradingAccount, by: User) -> AccountLink:
    """The link that lets `by` trade in `account`. One query. Raises AccountMayNotTrade."""
    link = AccountLink.unscoped.filter(account=account, user=by, is_current=True).first()
    if link is None or not link.can_trade:
        raise AccountMayNotTrade("You may look at this account, not trade in it.")
    return link


def refuse_ordering(account: TradingAccount, by: User, ticket: Ticket) -> None:
    """Raises AccountMayNotTrade where `by` may not order `ticket`, placed or changed, in `account` as it is now."""
    link = find_trading_link(account, by)
    if not account.is_enabled:
        raise AccountMayNotTrade("This account is closed for trading. Your broker can tell you why.")
    if link.access == AccountLink.Access.CLOSE_ONLY and ticket.is_opening:
        raise AccountMayNotTrade("In this account you may only close what it holds.")


def refuse_unsigned(by: User) -> None:
    """Raises AgreementsOutstanding while there is something that `by` must sign and cannot skip. One query."""
    if OutstandingAgreement.unscoped.filter(user=by, can_skip=False).exists():
        raise AgreementsOutstanding
