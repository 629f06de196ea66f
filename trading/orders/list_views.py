"""The orders of an account: the list, its CSV, and what is done to all of them at once."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from agreements.gate import InvestorRequest, agreements_signed, investor_required
from investors.accounts.choosing import current_link, get_account_or_404
from trading.fragments import draw, draw_no_account
from trading.orders.errors import OrderError
from trading.orders.listing import SHOWN, ListForm, as_csv, orders_of
from trading.orders.models import Order
from trading.orders.views import read_form_key
from trading.portfolio.watching import watch_account
from trading.risk.killing import find_halt, words_of
from trading.risk.stopping import cancel_all, resume_trading, stop_trading

ORDERS_PER_PAGE = 25


@dataclass(frozen=True)
class Tab:
    """`count` is given for open orders alone: the number that one acts on."""

    label: str
    query: str
    is_current: bool
    count: int = 0


@require_safe
@agreements_signed
def order_list(request: InvestorRequest) -> HttpResponse:
    """The chosen account's orders: those that may still change first, then newest first, unless asked otherwise."""
    link = current_link(request)
    if link is None:
        return draw_no_account(request)
    watch_account(link.account)
    asked = ListForm(request.GET)
    page = Paginator(orders_of(link.account, asked), ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    open_count = Order.objects.of(link.account).heads().open().count()
    halt = find_halt(link.account, set())
    context = {
        "link": link,
        "asked": asked,
        "page": page,
        "is_moving": any(order.is_moving for order in page),
        "tabs": [
            Tab(label, asked.query(show=name), asked.shown == name, open_count if name == "open" else 0)
            for name, (label, _) in SHOWN.items()
        ],
        "shown_label": SHOWN[asked.shown][0].lower(),
        "newer": asked.query(page=str(page.number - 1)),
        "older": asked.query(page=str(page.number + 1)),
        "halt": words_of(halt) if halt else "",
        "is_own_halt": halt is not None and halt.is_investors_own,
    }
    return draw(request, "trading/orders/list.html", context, part="order-list")


@require_safe
@agreements_signed
def order_csv(request: InvestorRequest) -> HttpResponse:
    """The same orders as the page was asked for, all of them, as a file."""
    link = get_account_or_404(request)
    orders = orders_of(link.account, ListForm(request.GET))
    response = HttpResponse(as_csv(orders.iterator(chunk_size=500)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="orders-{link.account.number}.csv"'
    return response


@require_POST
@investor_required
def cancel_everything(request: InvestorRequest) -> HttpResponse:
    """Ask for the cancellation of every open order, whatever is still to be signed."""
    return _for_all(request, cancel_all, "Cancellation asked for. Each order says when AutoShares has confirmed it.")


@require_POST
@investor_required
def stop(request: InvestorRequest) -> HttpResponse:
    """Cancel everything open and take no new orders, whatever is still to be signed."""
    return _for_all(request, stop_trading, "Trading is stopped in this account; everything open is being canceled.")


@require_POST
@agreements_signed
def resume(request: InvestorRequest) -> HttpResponse:
    """Allow new orders again."""
    link = get_account_or_404(request)
    try:
        if resume_trading(link.account, by=request.user):
            messages.success(request, "You may trade in this account again.")
    except OrderError as refusal:
        messages.error(request, refusal.user_message)
    return HttpResponseRedirect(reverse("trading:orders"))


def _for_all(request: InvestorRequest, act, done: str) -> HttpResponse:
    link = get_account_or_404(request)
    try:
        left = act(link.account, by=request.user, form_key=read_form_key(request))
    except OrderError as refusal:
        messages.error(request, refusal.user_message)
    else:
        messages.success(request, done)
        if left:
            messages.warning(request, f"{len(left)} could not be asked for; look at them below.")
    return HttpResponseRedirect(reverse("trading:orders"))
