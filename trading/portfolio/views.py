"""What the account is worth and what it holds."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agreements.gate import InvestorRequest, agreements_signed
from investors.accounts.choosing import current_link, get_account_or_404
from trading.context import account_strip, find_book
from trading.fragments import draw, draw_fragment, draw_no_account
from trading.orders.models import Order
from trading.portfolio.models import Position
from trading.portfolio.watching import watch_account

RECENT_ORDERS = 6
TILES = ("Account value", "Cash", "Buying power", "Positions")


@dataclass(frozen=True)
class Totals:
    """Sums of the positions, USD; None where a position gives no number."""

    market_value: Decimal | None
    day_change: Decimal | None
    unrealized: Decimal | None
    cost_basis: Decimal

    @classmethod
    def of(cls, positions: list[Position]) -> "Totals":
        return cls(
            market_value=_sum(position.market_value for position in positions),
            day_change=_sum(position.day_change for position in positions),
            unrealized=_sum(position.unrealized for position in positions),
            cost_basis=sum((abs(position.cost_basis) for position in positions), Decimal(0)),
        )

    @property
    def unrealized_percent(self) -> Decimal | None:
        if self.unrealized is None or not self.cost_basis:
            return None
        return self.unrealized / self.cost_basis * 100


@require_safe
@agreements_signed
def portfolio(request: InvestorRequest) -> HttpResponse:
    """The chosen account; as a fragment, everything on it that moves. Asking keeps it fresh for a while."""
    link = current_link(request)
    if link is None:
        return draw_no_account(request)
    watch_account(link.account)
    positions = list(Position.objects.filter(account=link.account).order_by("symbol", "id"))
    orders = list(Order.objects.of(link.account).heads().order_by("-created_at")[:RECENT_ORDERS])
    book = find_book(link)
    known = [at for at in (book.balances_at, book.positions_at) if at] if book else []
    context = {
        "link": link,
        "book": book,
        "as_of": min(known, default=None),
        "tile_names": TILES,
        "positions": positions,
        "totals": Totals.of(positions),
        "orders": orders,
        "open_count": Order.objects.of(link.account).heads().open().count(),
    }
    return draw(request, "trading/portfolio/portfolio.html", context, part="portfolio-live")


@require_safe
@agreements_signed
def strip(request: InvestorRequest) -> HttpResponse:
    """The account strip alone, for the pages that keep it fresh."""
    link = get_account_or_404(request)
    watch_account(link.account)
    return draw_fragment(request, "trading/_strip.html", {"strip": account_strip(request, link)})


def _sum(numbers) -> Decimal | None:
    known = list(numbers)
    return None if None in known else sum(known, Decimal(0))
