"""The investor's own small pages: in, out, the state of the connection, which account, light or dark."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from brokers.middleware import BrokerRequest
from investors.accounts.choosing import get_account_or_404
from investors.context import describe_connection
from investors.returning import next_of, page_of
from investors.signing_out import sign_out_investor

YEAR_SECONDS = 365 * 24 * 3600
APPEARANCES = {"light", "dark", "system"}


@never_cache
@require_safe
def sign_in(request: BrokerRequest) -> HttpResponse:
    """Why a sign-in is needed, and one button. `?next=` is where it leads; `?ended=1` says that a session ended."""
    next_url = next_of(request)
    if request.user.is_authenticated and "ended" not in request.GET:
        return redirect(next_url or settings.LOGIN_REDIRECT_URL)
    context = {"login_url": _login_url(next_url), "has_ended": "ended" in request.GET, "has_next": bool(next_url)}
    return render(request, "investors/sign_in.html", context)


@never_cache
@require_POST
def sign_out(request: BrokerRequest) -> HttpResponse:
    """End the session here and at AutoShares, by way of AutoShares' own sign-out page."""
    return redirect(sign_out_investor(request))


@never_cache
@require_safe
def signed_out(request: BrokerRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "investors/signed_out.html", {"is_incomplete": "incomplete" in request.GET})


@never_cache
@require_safe
def connection(request: BrokerRequest) -> HttpResponse:
    """The banner's next state; asked for every 30 seconds by the page that shows it."""
    state = describe_connection(request)
    if state is None:
        return redirect("investors:sign-in") if not request.user.is_authenticated else HttpResponse(status=204)
    return render(request, "elements/connection.html", {"connection": state})


@never_cache
@require_safe
def reconnect(request: BrokerRequest) -> HttpResponse:
    """One click: to AutoShares and back to the page. Without a question where AutoShares still knows the investor."""
    next_url = next_of(request) or page_of(request)
    return redirect(_login_url(next_url))


@require_POST
@login_required
def select_account(request: BrokerRequest, account_id: UUID) -> HttpResponse:
    """Show this account from now on, in every browser of the investor."""
    link = get_account_or_404(request, account_id)
    request.user.selected_account = link.account
    request.user.save(update_fields=["selected_account"])
    return redirect(next_of(request) or page_of(request) or settings.LOGIN_REDIRECT_URL)


@require_POST
def choose_appearance(request: BrokerRequest) -> HttpResponse:
    """Light, dark, or as the system has it: the cookie that theme-choice.js writes, for a browser without scripts."""
    chosen = request.POST.get("appearance", "")
    if chosen not in APPEARANCES:
        return HttpResponseBadRequest("appearance is light, dark or system.")
    response = redirect(next_of(request) or page_of(request) or "brokers:landing")
    if chosen == "system":
        response.delete_cookie("theme", samesite="Lax")
    else:
        response.set_cookie("theme", chosen, max_age=YEAR_SECONDS, secure=settings.SECURE_TRANSPORT, samesite="Lax")
    return response


def _login_url(next_url: str | None) -> str:
    return reverse("autoshares_login", query={"next": next_url} if next_url else None)
