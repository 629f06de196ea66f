"""The gate that trading stands behind: open once AutoShares, asked since this sign-in, wants nothing more signed."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from agreements.models import AgreementCheck, OutstandingAgreement
from brokers.middleware import BrokerRequest
from investors.kept_forms import keep_form
from investors.people import User
from investors.returning import page_of

DUE_SINCE = "agreements_due_since"
SKIPPED = "skipped_agreements"

type View[**P] = Callable[Concatenate[Any, P], HttpResponse]


class InvestorRequest(BrokerRequest):
    """A request behind `agreements_signed` or `investor_required`: for annotations."""

    user: User
    htmx: HtmxDetails


def agreements_signed[**P](view: View[P]) -> View[P]:
    """Open `view` to signed-in investors of this broker who have signed, or put off, what AutoShares asks for.

    Everybody else is led to the sign-in or agreements page, and from there back here. Costs two queries.
    """

    @wraps(view)
    def guarded(request: InvestorRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_investor(request):
            return _lead_to(request, "investors:sign-in")
        if not is_clear(request):
            return _lead_to(request, "agreements:list")
        return view(request, *args, **kwargs)

    return guarded


def investor_required[**P](view: View[P]) -> View[P]:
    """Open `view` to signed-in investors of this broker, whatever they have signed."""

    @wraps(view)
    def guarded(request: InvestorRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_investor(request):
            return _lead_to(request, "investors:sign-in")
        return view(request, *args, **kwargs)

    return guarded


def is_investor(request: InvestorRequest) -> bool:
    """False: nobody is signed in. Raises PermissionDenied for staff and for another broker's investors."""
    if not request.user.is_authenticated:
        return False
    if request.user.is_staff or request.user.broker_id != request.broker.pk:
        raise PermissionDenied
    return True


def is_clear(request: InvestorRequest) -> bool:
    """Whether AutoShares was asked since this sign-in, and what it still lists is put off in this session."""
    if answer_since_sign_in(request) is None:
        return False
    outstanding = OutstandingAgreement.objects.filter(user=request.user)
    return all(is_put_off(request, agreement) for agreement in outstanding)


def answer_since_sign_in(request: InvestorRequest) -> AgreementCheck | None:
    """AutoShares' answer, if it was asked for since this session's sign-in; an older one counts for nothing."""
    since = due_since(request.session)
    if since is None:
        return None
    answers = AgreementCheck.objects.filter(user=request.user, answered_at__isnull=False)
    return answers.filter(asked_at__gte=since).first()


def due_since(session: SessionBase) -> datetime | None:
    """When this session signed in (UTC); None in a session that never came through the sign-in."""
    marker = session.get(DUE_SINCE)
    return datetime.fromisoformat(marker) if marker else None


def start_session(session: SessionBase) -> None:
    """From now on this session needs a new answer. What it has put off stays so when its investor only reconnects.

    Django flushes the session when somebody else signs in.
    """
    session[DUE_SINCE] = timezone.now().isoformat()
    session.setdefault(SKIPPED, [])


def is_put_off(request: InvestorRequest, agreement: OutstandingAgreement) -> bool:
    """Skipping is our decision for this session (API.md 7.2); only what AutoShares marks CanSkip counts."""
    return agreement.can_skip and agreement.key in request.session.get(SKIPPED, [])


def put_off(request: InvestorRequest, agreement: OutstandingAgreement) -> None:
    request.session[SKIPPED] = sorted({*request.session.get(SKIPPED, []), agreement.key})


def _lead_to(request: InvestorRequest, name: str) -> HttpResponse:
    """Nothing that was typed is lost on the way. Whoever sends a form or asks for a fragment had been signed in."""
    is_kept = request.method == "POST" and keep_form(request)
    query = {"next": _way_back(request, is_kept=is_kept)}
    if name == "investors:sign-in" and (request.htmx or request.method == "POST"):
        query["ended"] = "1"
    address = f"{reverse(name)}?{urlencode(query)}"
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _way_back(request: InvestorRequest, *, is_kept: bool) -> str:
    """The page that the person looks at: a fragment or a form target is no place to come back to."""
    if request.htmx:
        return request.htmx.current_url_abs_path or reverse("trading:portfolio")
    if is_kept and (page := page_of(request)):
        return page
    if request.method == "GET":
        return request.get_full_path()
    return reverse("trading:portfolio")
