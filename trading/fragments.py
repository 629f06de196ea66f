"""A page and its fragments: one template, one view, and what htmx asked for decides which is drawn."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


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
        template = f"{template}#{part}"
        status = 409 if status >= 500 else status
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Request-Type"])
    return response
