"""A page and its fragments: one template, one view, and what htmx asked for decides which is drawn."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx will put the answer into a part of the page; a history visit wants the whole page."""
    return bool(request.htmx) and request.htmx.request_type != "full"  # type: ignore[attr-defined]


def draw(
    request: HttpRequest, template: str, context: dict[str, Any], *, part: str, status: int = 200
) -> HttpResponse:
    """Draw the whole of `template`, or its partial `part` alone when a fragment is wanted.

    htmx leaves the page as it is on a 5xx, so that a crash page never lands inside a panel. A refusal
    that we know how to explain, such as 503 while AutoShares is away, goes out to htmx as a 409.
    """
    if wants_fragment(request):
        response = draw_fragment(request, f"{template}#{part}", context, status=409 if status >= 500 else status)
    else:
        response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
    return response


def draw_fragment(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Draw a part of a page without the blanks around it, which a morph would add to the page at every poll."""
    response = render(request, template, context, status=status)
    response.content = response.content.strip()
    return response


def lead_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser to `address`; a fragment takes the whole page there, or it would be drawn into a panel."""
    return HttpResponseClientRedirect(address) if wants_fragment(request) else redirect(address)


def draw_no_account(request: HttpRequest) -> HttpResponse:
    """What somebody without a trading account sees in place of any trading page."""
    if wants_fragment(request):
        return lead_to(request, reverse("trading:portfolio"))
    return render(request, "trading/portfolio/no_account.html")
