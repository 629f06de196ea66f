"""Changing a working order: the form, what it would become, and the act."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from agreements.gate import InvestorRequest, agreements_signed
from investors.accounts.models import AccountLink
from investors.kept_forms import take_form
from trading.fragments import draw
from trading.orders.drafting import is_form_used
from trading.orders.errors import OrderError
from trading.orders.forms import NumberField, TicketForm
from trading.orders.models import Order
from trading.orders.replacing import changed_ticket, preview_change, replace_order
from trading.orders.rules import NEEDS_LIMIT, NEEDS_STOP, NEEDS_TRAIL
from trading.orders.states import RequestState
from trading.orders.views import get_order_or_404, sentence_of
from trading.orders.wording import sentence
from trading.preferences.reading import preferences_of, want_preferences
from trading.risk.errors import rule_of

# What is known of a change once it was asked for.
WORDS = {
    RequestState.ACKED: "AutoShares has been asked to change the order.",
    RequestState.READY: "AutoShares cannot take the change just now. It is sent, once, as soon as it can be.",
    RequestState.SENDING: "The change is on its way to AutoShares.",
    RequestState.UNKNOWN: "AutoShares gave no clear answer. We look in its book which terms hold, and say so here.",
}


class ReplaceForm(forms.Form):
    """The terms of one order, as typed. What is left empty stays as it is."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, order: Order, data=None, *, typed: Mapping[str, str] | None = None) -> None:
        """`typed` was typed before and is begun with; a new key, since nobody knows whether it was sent."""
        super().__init__(data, auto_id="replace-%s", initial={"form_key": uuid4()})
        for name in terms_of(order):
            self.fields[name] = TicketForm.base_fields[name]
            self.initial[name] = (typed or {}).get(name) or _as_typed(order, name)
        self.order_fields([*terms_of(order), "form_key"])

    def refuse(self, refusal: OrderError) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.user_message)

    def renew(self) -> None:
        """What was typed stays, under a new key."""
        self.data = dict(self.data.items()) | {"form_key": str(uuid4())}

    @property
    def terms(self) -> dict:
        given = {name: value for name, value in self.cleaned_data.items() if name != "form_key"}
        return {name: value for name, value in given.items() if value not in (None, "")}


def terms_of(order: Order) -> list[str]:
    """The fields of an order of this type that may be changed, in the order of the ticket."""
    terms = ["quantity"]
    terms += ["stop_price"] if order.type in NEEDS_STOP else []
    terms += ["limit_price"] if order.type in NEEDS_LIMIT else []
    terms += ["trail_value"] if order.type in NEEDS_TRAIL else []
    return [*terms, "time_in_force", "expires_on"]


def _as_typed(order: Order, name: str) -> object:
    value = getattr(order, name)
    return f"{value.normalize():f}" if isinstance(TicketForm.base_fields[name], NumberField) and value else value


@require_http_methods(["GET", "HEAD", "POST"])
@agreements_signed
def replace(request: InvestorRequest, order_id: UUID) -> HttpResponse:
    """GET: the form. POST: what the order would become, as AutoShares says; with `confirmed`, the act itself.

    With `at_once` it is changed without a review, where the investor's preferences leave it out.
    """
    order = get_order_or_404(request, order_id)
    if request.method != "POST":
        typed = take_form(request, under=request.path)
        return _draw(request, order, ReplaceForm(order, typed=typed), "form", is_restored=typed is not None)
    form = ReplaceForm(order, request.POST)
    if not form.is_valid():
        return _draw(request, order, form, "form", status=422)
    ticket, form_key = changed_ticket(order, **form.terms), form.cleaned_data["form_key"]
    try:
        if "confirmed" not in request.POST and not is_form_used(form_key):
            shown = preview_change(order, ticket, by=request.user)
            is_at_once = "at_once" in request.POST and preferences_of(request.user).may_skip(
                "changing", is_warned=bool(shown.warnings)
            )
            if not is_at_once:
                return _draw(request, order, form, "review", sentence=sentence(ticket, shown), preview=shown)
        asked = replace_order(order, ticket, by=request.user, form_key=form_key)
    except OrderError as refusal:
        form.refuse(refusal)
        if is_form_used(form_key):  # what was refused is over; sending it again is a new request
            form.renew()
        vendor_words = getattr(refusal, "vendor_message", "")
        return _draw(
            request, order, form, "form", status=refusal.status, rule=rule_of(refusal), vendor_words=vendor_words
        )
    messages.success(request, WORDS.get(RequestState(asked.state), WORDS[RequestState.ACKED]))
    return HttpResponseRedirect(reverse("trading:order-detail", args=[order.id]))


def _draw(
    request: InvestorRequest, order: Order, form: ReplaceForm, state: str, *, status: int = 200, **extra: object
) -> HttpResponse:
    link = AccountLink.objects.filter(user=request.user, account=order.account).first()
    context = {"order": order, "form": form, "state": state, "link": link, "before": sentence_of(order)} | extra
    context["skips_review"] = want_preferences(request.user).may_skip("changing")
    return draw(request, "trading/orders/replace.html", context, part="replace", status=status)
