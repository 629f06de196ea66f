"""What the trading pages say about the account around their own matter: the strip under the header."""

from dataclasses import dataclass

from agreements.gate import InvestorRequest
from investors.accounts.models import AccountLink
from trading.market_hours import MarketState, market_state
from trading.portfolio.models import AccountBook


@dataclass(frozen=True)
class AccountStrip:
    """`book` is None, or has no `balances_at`, until the first answer of AutoShares is in."""

    link: AccountLink
    book: AccountBook | None
    market: MarketState


def account_strip(request: InvestorRequest, link: AccountLink) -> AccountStrip:
    """The numbers of the chosen account. One query, and one for the connection of the broker."""
    return AccountStrip(link=link, book=find_book(link), market=market_state(request.broker))


def find_book(link: AccountLink) -> AccountBook | None:
    """The account's page in our books; it has no `balances_at` while AutoShares has not answered a first time."""
    return AccountBook.objects.filter(account=link.account).first()


def account_links(request: InvestorRequest) -> list[AccountLink]:
    """Every account this investor may choose, in the order of their numbers. One query."""
    return list(
        AccountLink.objects.filter(user=request.user, is_current=True)
        .select_related("account")
        .order_by("account__vendor_account_id")
    )
