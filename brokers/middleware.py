"""The host name picks the broker; everything behind it happens in that broker's scope."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from brokers.models import Broker
from brokers.scoping import broker_scope


class BrokerRequest(HttpRequest):
    """A request after BrokerMiddleware: for annotations."""

    broker: Broker
    user: Any  # an investor, staff or a stranger; that model lives in a room above this one


class BrokerMiddleware:
    """Sets `request.broker`; answers 400 to a host name that belongs to no broker."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/health/"):
            return self.get_response(request)
        broker = find_broker(request)
        if broker is None:
            return render(request, "errors/unknown_host.html", status=400)
        request.broker = broker  # type: ignore[attr-defined]
        with broker_scope(broker):
            response = self.get_response(request)
        patch_vary_headers(response, ["Host"])
        return response


def find_broker(request: HttpRequest) -> Broker | None:
    """The active broker of the request's host name, or None. One query."""
    try:
        raw = request.get_host()
    except DisallowedHost:
        return None
    host, port = split_domain_port(raw)
    if raw.removesuffix(f":{port}").endswith("."):  # split_domain_port would forgive it; links made from it would not
        return None
    return Broker.objects.filter(hosts__host=host, is_active=True).first()
