"""Where an investor wanted to go: an address of this very host, or nothing."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000


def is_safe_address(request: HttpRequest, address: str) -> bool:
    """Whether `address` leads to the host that the browser is at, so that it cannot lead astray."""
    return 0 < len(address) <= LONGEST and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def next_of(request: HttpRequest) -> str | None:
    """The safe `next` of the form or the query."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    return address if is_safe_address(request, address) else None


def page_of(request: HttpRequest) -> str | None:
    """The page that an htmx request or a plain form came from, if it is one of ours."""
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    return address if is_safe_address(request, address) else None
