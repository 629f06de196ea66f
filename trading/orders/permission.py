"""Who may ask for what with an account: its orders are placed, changed and canceled by whoever may trade in it."""

from investors.accounts.models import AccountLink, TradingAccount
from investors.people import User
from trading.orders.errors import AccountMayNotTrade
from trading.orders.tickets import Ticket


def find_trading_link(account: TradingAccount, by: User) -> AccountLink:
    """The link that lets `by` trade in `account`. One query. Raises AccountMayNotTrade."""
    link = AccountLink.unscoped.filter(account=account, user=by, is_current=True).first()
    if link is None or not link.can_trade:
        raise AccountMayNotTrade("You may look at this account, not trade in it.")
    return link


def refuse_opening(link: AccountLink, ticket: Ticket) -> None:
    """Raises AccountMayNotTrade where a link only closes positions and the ticket would open one."""
    if link.access == AccountLink.Access.CLOSE_ONLY and ticket.is_opening:
        raise AccountMayNotTrade("In this account you may only close what it holds.")
