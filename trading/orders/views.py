"""One order after it was placed: its page, its status as it changes, its cancellation."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from agreements.gate import InvestorRequest, agreements_signed, investor_required
from investors.accounts.choosing import current_link
from investors.accounts.models import AccountLink
from trading.fragments import draw, draw_fragment, wants_fragment
from trading.orders.canceling import cancel_order
from trading.orders.errors import OrderError
from trading.orders.models import Order
from trading.orders.tickets import Ticket
from trading.orders.wording import sentence
from trading.portfolio.watching import watch_account

# Where the Cancel button was pressed, and what is drawn there again.
FRAGMENTS = {
    "row": "trading/orders/list.html#order-row",
    "status": "trading/orders/status.html",
    "detail": "trading/orders/detail.html#order-live",
}


@require_safe
@agreements_signed
def status(request: InvestorRequest, order_id: UUID) -> HttpResponse:
    """The live status of an order that was just placed."""
    return _draw_fragment(request, get_order_or_404(request, order_id), "status")


@require_safe
@agreements_signed
def detail(request: InvestorRequest, order_id: UUID) -> HttpResponse:
    """One order from its first moment on; as a fragment, everything of it that may change."""
    order = get_order_or_404(request, order_id)
    watch_account(order.account)
    context = _order_context(request, order) | {"link": current_link(request)}
    return draw(request, "trading/orders/detail.html", context, part="order-live")


@require_POST
@investor_required
def cancel(request: InvestorRequest, order_id: UUID) -> HttpResponse:
    """Ask for cancellation, whatever is still to be signed; the fragment for htmx, a redirect for a plain form."""
    order = get_order_or_404(request, order_id)
    drawn = request.POST.get("drawn", "detail")
    if drawn not in FRAGMENTS:
        drawn = "detail"
    refusal = None
    try:
        cancel_order(order, by=request.user, form_key=read_form_key(request))
    except OrderError as refused:
        refusal = refused
    if not wants_fragment(request):
        if refusal:
            messages.error(request, refusal.user_message)
        return HttpResponseRedirect(_way_back(order, drawn))
    return _draw_fragment(request, get_order_or_404(request, order_id), drawn, refusal=refusal)


def get_order_or_404(request: InvestorRequest, order_id: UUID) -> Order:
    """An order of an account that this investor may see at this broker. Raises Http404 for every other one."""
    order = (
        Order.objects.filter(id=order_id, account__links__user=request.user, account__links__is_current=True)
        .select_related("account")
        .first()
    )
    if order is None:
        raise Http404("No such order.")
    return order


def sentence_of(order: Order) -> str:
    """The order as it was read back before it was placed, without the cost. A query for the legs of a head."""
    return sentence(Ticket.of_order(order))


def read_form_key(request: InvestorRequest) -> UUID:
    """The key of the form that was sent. Raises OrderError when the form carries none that can be read."""
    try:
        return UUID(request.POST.get("form_key", ""))
    except ValueError as unreadable:
        raise OrderError("This form is incomplete. Open the page again.", status=422) from unreadable


def _draw_fragment(
    request: InvestorRequest, order: Order, drawn: str, *, refusal: OrderError | None = None
) -> HttpResponse:
    context = _order_context(request, order) | {"refusal": refusal}
    status = 200 if refusal is None else min(refusal.status, 422)
    return draw_fragment(request, FRAGMENTS[drawn], context, status=status)


def _order_context(request: InvestorRequest, order: Order) -> dict[str, object]:
    account_link = AccountLink.objects.filter(user=request.user, account=order.account).first()
    return {
        "order": order,
        "order_link": account_link,
        "sentence": sentence_of(order),
        "events": order.events.order_by("-at", "-id"),
    }


def _way_back(order: Order, drawn: str) -> str:
    return reverse("trading:orders") if drawn == "row" else reverse("trading:order-detail", args=[order.id])
