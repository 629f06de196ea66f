"""The broker's own pages: the landing page and the brand's style sheet."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control

from brokers.middleware import BrokerRequest


def landing(request: BrokerRequest) -> HttpResponse:
    """The way in; someone who is signed in already goes on to their portfolio."""
    if request.user.is_authenticated:
        return redirect("trading:portfolio")
    return render(request, "brokers/landing.html")


def theme(request: BrokerRequest, version: str) -> HttpResponse:
    """The brand sheet under a name that changes with its content, so that it may be kept for a year."""
    sheet = request.broker.stylesheet
    if sheet.version != version:
        raise Http404
    response = HttpResponse(sheet.css, content_type="text/css; charset=utf-8")
    patch_cache_control(response, public=True, max_age=31536000, immutable=True)
    return response
