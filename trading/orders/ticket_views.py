"""The order ticket: choose a symbol, type, review, place. Three states of one panel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from agreements.gate import InvestorRequest, agreements_signed
from investors.accounts.choosing import current_link, get_account_or_404
from investors.accounts.models import AccountLink
from investors.kept_forms import take_form
from trading.context import find_book
from trading.fragments import draw, draw_fragment, draw_no_account, lead_to, wants_fragment
from trading.market_hours import market_state
from trading.orders import drafting
from trading.orders.errors import ConnectionEnded, FormKeyReused, OrderError
from trading.orders.estimating import Review, estimate
from trading.orders.forms import Purpose, TicketForm
from trading.orders.models import Order
from trading.orders.placing import Preview, place_order, preview_order
from trading.orders.reversing import closing_terms, may_reverse
from trading.orders.states import OrderState
from trading.orders.tickets import plain_number
from trading.orders.wording import sentence
from trading.portfolio.models import Position
from trading.portfolio.watching import watch_account
from trading.preferences.reading import preferences_of, want_preferences
from trading.risk.errors import rule_of
from trading.securities.models import Security
from trading.securities.quoting import want_quote
from trading.securities.searching import search_securities

PAGE = "trading/orders/ticket.html"
PICKS = 8


@require_safe
@agreements_signed
def choose(request: InvestorRequest) -> HttpResponse:
    """Which security? A search, what is held, what was traded last, and tickets begun."""
    text = (request.GET.get("symbol") or request.GET.get("q") or "").strip()[:40]
    found = search_securities(text, user=request.user) if text else None
    if found and any(security.symbol == text.upper() for security in found.securities):
        return lead_to(request, reverse("trading:ticket", args=[text.upper()]))
    link = current_link(request)
    if link is None:
        return draw_no_account(request)
    watch_account(link.account)
    recent = Order.objects.of(link.account).heads().order_by("symbol", "-created_at").distinct("symbol")
    context = {
        "link": link,
        "text": text,
        "found": found,
        "positions": Position.objects.filter(account=link.account).order_by("symbol")[:PICKS],
        "recent": sorted(recent, key=lambda order: order.created_at, reverse=True)[:PICKS],
        "drafts": drafting.drafts_of(request.user)[:PICKS],
    }
    return draw(request, "trading/orders/choose.html", context, part="choices")


@require_safe
@agreements_signed
def ticket(request: InvestorRequest, symbol: str) -> HttpResponse:
    """The ticket for one symbol, with whatever was typed before; as a fragment, the panel alone."""
    security = Security.objects.filter(symbol=symbol.upper()).first()
    if security is None:
        return _unknown_symbol(request, symbol)
    if symbol != security.symbol or "looking" in request.GET:
        return lead_to(request, reverse("trading:ticket", args=[security.symbol]))
    link = current_link(request)
    if link is None:
        return draw_no_account(request)
    watch_account(link.account)
    if kept := take_form(request, under=reverse("trading:ticket", args=[security.symbol])):
        _keep_draft(request, security, kept)
    asked = _asked(request)
    if asked.get("purpose") == Purpose.REVERSE:
        asked |= closing_terms(security, asked.get("side", ""))
    # Whoever asks to close a position does not mean the order that was begun before.
    draft = None if "purpose" in asked else drafting.find_draft(request.user, security.symbol)
    initial = (draft.fields if draft else {}) | asked | {"form_key": draft.form_key if draft else uuid4()}
    form = _form(link, security, initial=initial)
    return TicketPage(request, link, security, form).draw("form", is_restored=draft is not None)


@require_safe
@agreements_signed
def around(request: InvestorRequest, symbol: str) -> HttpResponse:
    """What is held of it and the latest orders in it, as they are now."""
    security = _security_or_404(symbol)
    link = get_account_or_404(request)
    watch_account(link.account)
    page = TicketPage(request, link, security, _form(link, security))
    return draw_fragment(request, f"{PAGE}#ticket-around", page.context())


@require_POST
@agreements_signed
def draft(request: InvestorRequest, symbol: str) -> HttpResponse:
    """Keep what is being typed, and answer with what it would cost. Anything may be half-typed here."""
    security = _security_or_404(symbol)
    link = get_account_or_404(request)
    _keep_draft(request, security, request.POST)
    page = TicketPage(request, link, security, _form(link, security, request.POST))
    return draw_fragment(request, f"{PAGE}#ticket-estimate", page.context())


@require_POST
@agreements_signed
def discard(request: InvestorRequest, symbol: str) -> HttpResponse:
    """Forget what was typed: an empty ticket, with a new key."""
    security = _security_or_404(symbol)
    drafting.discard_draft(request.user, security.symbol)
    if not wants_fragment(request):
        return redirect("trading:ticket", symbol=security.symbol)
    link = get_account_or_404(request)
    form = _form(link, security, initial={"form_key": uuid4()})
    return TicketPage(request, link, security, form).draw("form", is_cleared=True)


@agreements_signed
def preview(request: InvestorRequest, symbol: str) -> HttpResponse:
    """Ask AutoShares what it would cost and read the order back. Nothing is placed.

    With `at_once` it is placed, where the investor's preferences leave the review out and there is nothing to ask.
    """
    if request.method != "POST":
        return redirect("trading:ticket", symbol=symbol)
    security = _security_or_404(symbol)
    link = get_account_or_404(request)
    data = request.POST.copy()
    form = _form(link, security, data)
    is_used = form.is_valid() and drafting.is_form_used(form.cleaned_data["form_key"])
    known = preferences_of(request.user)
    is_at_once = "at_once" in data and form.is_valid() and known.may_skip(form.act)
    if is_used and not is_at_once:
        data["form_key"] = str(uuid4())
        form = _form(link, security, data)
    _keep_draft(request, security, data)
    page = TicketPage(request, link, security, form)
    if not form.is_valid():
        return page.draw("form", status=422)
    if is_used and is_at_once:  # the same form, sent twice: the order that it has made
        return page.place()
    try:
        shown = preview_order(account=link.account, by=request.user, ticket=form.ticket)
    except OrderError as refusal:
        return page.draw_refusal(refusal)
    if is_at_once and known.may_skip(form.act, is_warned=bool(shown.warnings)):
        return page.place()
    return page.draw_review(shown, is_again=is_used)


@agreements_signed
def place(request: InvestorRequest, symbol: str) -> HttpResponse:
    """Place the reviewed order. The same form, sent twice, places one order and shows it twice."""
    if request.method != "POST":
        return redirect("trading:ticket", symbol=symbol)
    security = _security_or_404(symbol)
    link = get_account_or_404(request)
    page = TicketPage(request, link, security, _form(link, security, request.POST))
    if not page.form.is_valid():
        return page.draw("form", status=422)
    return page.place()


@dataclass
class TicketPage:
    """Everything around one ticket, and the panel in one of its states: form, review, placed."""

    request: InvestorRequest
    link: AccountLink
    security: Security
    form: TicketForm
    extra: dict[str, Any] = field(default_factory=dict)

    def draw(self, state: str, *, status: int = 200, **extra: Any) -> HttpResponse:
        self.extra |= {"state": state} | extra
        return draw(self.request, PAGE, self.context(), part=f"ticket-{state}", status=status)

    def draw_review(self, shown: Preview, *, is_again: bool) -> HttpResponse:
        """The order read back, with what AutoShares says it costs."""
        context = self.context()
        return self.draw(
            "review",
            preview=shown,
            review=Review.of(shown, context["estimate"], context["book"]),
            sentence=sentence(self.form.ticket, shown),
            is_again=is_again,
        )

    def place(self) -> HttpResponse:
        """Place the order of the (valid) form, as the investor has seen it, and show it."""
        form, symbol, seen = self.form, self.security.symbol, self.request.POST
        market = market_state(self.request.broker)
        try:
            order = place_order(
                account=self.link.account,
                by=self.request.user,
                ticket=form.ticket,
                form_key=form.cleaned_data["form_key"],
                is_second=form.cleaned_data["is_second"],
                reviewed_price=seen.get("seen_price", ""),
                closed=market if "seen_open" in seen and not market.is_open else None,
            )
        except OrderError as refusal:
            if drafting.is_form_used(form.cleaned_data["form_key"]):
                drafting.renew_draft(self.request.user, symbol)
            return self.draw_refusal(refusal)
        if order.state == OrderState.REFUSED:
            _keep_draft(self.request, self.security, seen.dict() | {"form_key": str(uuid4())})
        if not wants_fragment(self.request):
            return HttpResponseRedirect(reverse("trading:order-detail", args=[order.id]))
        context = {"link": self.link, "security": self.security, "order": order, "sentence": sentence(form.ticket)}
        return draw(self.request, PAGE, context, part="ticket-placed")

    def draw_refusal(self, refusal: OrderError) -> HttpResponse:
        """The form with everything typed, and why not: next to its field, or as a notice with the way on."""
        self.form.refuse(refusal)
        return self.draw(
            "form",
            status=refusal.status,
            must_reconnect=isinstance(refusal, ConnectionEnded),
            must_restart=isinstance(refusal, FormKeyReused),
            vendor_words=getattr(refusal, "vendor_message", ""),
            rule=rule_of(refusal),
        )

    def context(self) -> dict[str, Any]:
        quote = want_quote(self.security, user=self.request.user)
        book = find_book(self.link)
        holdings = list(Position.objects.filter(account=self.link.account, symbol=self.security.symbol).order_by("id"))
        held = sum((holding.quantity for holding in holdings), Decimal(0))
        typed = {name: self.form[name].value() or "" for name in drafting.FIELDS}
        return {
            "link": self.link,
            "security": self.security,
            "form": self.form,
            "quote": quote,
            "book": book,
            "market": market_state(self.request.broker),
            "holding": holdings[0] if holdings else None,
            "held": held,
            "typed": typed,
            "estimate": estimate(typed, quote=quote, book=book, held=held),
            "orders": Order.objects.of(self.link.account)
            .heads()
            .filter(symbol=self.security.symbol)
            .order_by("-created_at")[:5],
            "can_trade": self.link.can_trade and self.link.account.is_enabled and self.security.is_tradable,
            "reconnect_url": _reconnect_url(self.security.symbol),
            "skips_review": want_preferences(self.request.user).may_skip(self.form.act),
            "may_reverse": may_reverse(self.link.account, self.security, held),
            "held_plainly": plain_number(abs(held)),
        } | self.extra


def _asked(request: InvestorRequest) -> dict[str, str]:
    """What the address fills in: the side, a quantity, and what the ticket is opened for."""
    allowed = {"side": Order.Side.values, "purpose": Purpose.values, "quantity": None}
    given = {name: request.GET[name][:24] for name in allowed if request.GET.get(name)}
    return {name: value for name, value in given.items() if (words := allowed[name]) is None or value in words}


def _unknown_symbol(request: InvestorRequest, symbol: str) -> HttpResponse:
    """Ask AutoShares for a symbol that we have never met; 404 once it says that there is none."""
    link = current_link(request)
    found = search_securities(symbol[:24], user=request.user)
    context = {"link": link, "symbol": symbol[:24].upper(), "is_pending": found.is_pending, "found": found}
    status = 200 if found.is_pending or wants_fragment(request) else 404
    return draw(request, "trading/orders/unknown_symbol.html", context, part="looking", status=status)


def _form(link: AccountLink, security: Security, data: Mapping[str, Any] | None = None, **options: Any) -> TicketForm:
    may_sell_short = security.may_be_shorted and link.account.has_margin
    return TicketForm(data, security=security, may_sell_short=may_sell_short, **options)


def _security_or_404(symbol: str) -> Security:
    return get_object_or_404(Security.objects, symbol=symbol.upper())


def _keep_draft(request: InvestorRequest, security: Security, typed: Mapping[str, str]) -> None:
    try:
        key = UUID(typed.get("form_key", ""))
    except ValueError:
        key = None
    drafting.save_draft(request.user, security.symbol, typed=typed, form_key=key)


def _reconnect_url(symbol: str) -> str:
    back = urlencode({"next": reverse("trading:ticket", args=[symbol])})
    return f"{reverse('investors:reconnect')}?{back}"
