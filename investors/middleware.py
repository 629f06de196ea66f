"""Who may be where: an investor is somebody at their own broker only, and private pages are never kept."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from investors.returning import page_of

OPEN_TO_ALL = {"brokers:theme"}


class InvestorMiddleware:
    """After authentication and htmx. Costs nothing for requests without a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "htmx", None) and _leads_to_sign_in(response):
            response = _send_whole_page_to_sign_in(request)
        if "Cache-Control" not in response and getattr(request, "session", None) and request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        """Before any view: a session that was carried to another broker's host is ended."""
        broker = getattr(request, "broker", None)
        if broker is None or (match := request.resolver_match) is None or match.view_name in OPEN_TO_ALL:
            return
        if not request.user.is_authenticated or request.user.broker_id is None:
            return
        if request.user.broker_id != broker.pk:
            logout(request)
        else:
            request.user.broker = broker  # the same object, so that its keys are read once per request


def _leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and urlsplit(response["Location"]).path == reverse("investors:sign-in")


def _send_whole_page_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A fragment cannot be the sign-in page: the browser goes there, and comes back to the page around it."""
    page = page_of(request)
    return HttpResponseClientRedirect(
        reverse("investors:sign-in", query={"next": page, "ended": 1} if page else {"ended": 1})
    )
