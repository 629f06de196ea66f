"""The agreements page: read, sign, put off, and on to where the investor was going."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, replace_url

from agreements.checking import recheck_agreements
from agreements.desk import Desk, DeskState, lay_out
from agreements.errors import AgreementError, AgreementMandatory, AgreementNotListed
from agreements.forms import SigningForm
from agreements.gate import InvestorRequest, due_since, investor_required, put_off, start_session
from agreements.models import OutstandingAgreement
from agreements.signing import sign_agreement
from agreements.tasks import fetch_soon
from investors.returning import next_of

PAGE = "agreements/list.html"


@never_cache
@require_GET
@investor_required
def list_agreements(request: InvestorRequest) -> HttpResponse:
    """What is to be signed, one at a time; whoever came with ?next= and has nothing to sign goes straight on."""
    if due_since(request.session) is None:
        start_session(request.session)
    desk = lay_out(request, key=request.GET.get("agreement", ""))
    if desk.state == DeskState.CHECKING:
        fetch_soon(request.user)
    if desk.state == DeskState.CLEAR and (address := next_of(request)):
        return _go(request, address)
    return _draw(request, desk)


@never_cache
@require_http_methods(["GET", "POST"])
@investor_required
def check(request: InvestorRequest) -> HttpResponse:
    """GET: the page while it waits for AutoShares, asked for every few seconds. POST: ask AutoShares now."""
    if request.method == "POST":
        try:
            recheck_agreements(request.user)
        except AgreementError as refusal:
            return _draw(request, lay_out(request), refusal=refusal)
        return _onwards(request)
    if not request.htmx:
        return redirect(_list_address(request))
    desk = lay_out(request)
    if desk.state == request.GET.get("state"):
        return HttpResponse(status=204)
    return _onwards(request)


@never_cache
@require_POST
@investor_required
def sign(request: InvestorRequest, vendor_agreement_id: int) -> HttpResponse:
    """Sign what was shown. 422 without the tick, 409 when something stands against it, 503 when nobody answers."""
    form = SigningForm(request.POST)
    if not form.is_valid():
        return _draw(request, lay_out(request, vendor_agreement_id=vendor_agreement_id), form=form, status=422)
    try:
        signature = sign_agreement(
            request.user,
            vendor_agreement_id,
            shown=form.shown,
            ip=request.META.get("REMOTE_ADDR") or None,
            user_agent=request.headers.get("User-Agent", ""),
        )
    except AgreementError as refusal:
        desk = lay_out(request, vendor_agreement_id=vendor_agreement_id, kind=form.shown.type)
        return _draw(request, desk, refusal=refusal)
    return _onwards(request, f"Signed: {signature}.")


@never_cache
@require_POST
@investor_required
def skip(request: InvestorRequest) -> HttpResponse:
    """Put an agreement off until the next sign-in, where AutoShares allows it."""
    listed = OutstandingAgreement.objects.filter(user=request.user)
    agreement = next((row for row in listed if row.key == request.POST.get("agreement")), None)
    if agreement is None:
        return _draw(request, lay_out(request), refusal=AgreementNotListed())
    if not agreement.can_skip:
        return _draw(request, lay_out(request, key=agreement.key), refusal=AgreementMandatory())
    put_off(request, agreement)
    return _onwards(request)


def _onwards(request: InvestorRequest, done: str = "") -> HttpResponse:
    """The next agreement; once nothing is left, where the investor was going."""
    desk = lay_out(request)
    if desk.state == DeskState.CLEAR:
        if done:
            messages.success(request, f"{done} That was everything that AutoShares asked for.")
        return _go(request, next_of(request) or reverse("agreements:list"))
    if not request.htmx:
        return redirect(_list_address(request))
    return replace_url(_draw(request, desk), _list_address(request))


def _go(request: InvestorRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _list_address(request: InvestorRequest) -> str:
    next_url = next_of(request)
    return reverse("agreements:list", query={"next": next_url} if next_url else None)


def _draw(
    request: InvestorRequest,
    desk: Desk,
    *,
    form: SigningForm | None = None,
    refusal: AgreementError | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or for htmx the part of it that changes. htmx swaps no 5xx, so a fragment says 409 instead."""
    if refusal:
        status = refusal.status
    is_fragment = bool(request.htmx)
    if is_fragment and status >= 500:
        status = 409
    context = {
        "desk": desk,
        "form": form or SigningForm(),
        "refusal": refusal,
        "next": next_of(request) or "",
        "reconnect_url": reverse("investors:reconnect", query={"next": _list_address(request)}),
        "outstanding_agreements": len(desk.entries),
    }
    return render(request, f"{PAGE}#desk" if is_fragment else PAGE, context, status=status)
