"""Static files and the content security policy, each a little other than it comes; and what no text may hold."""

from collections.abc import Callable

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csp import ContentSecurityPolicyMiddleware
from servestatic.middleware import ServeStaticMiddleware


class StaticFiles:
    """ServeStatic, asked for static files alone.

    Its own middleware is async, and would cost every page an event loop among middleware that is sync.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.files = ServeStaticMiddleware(sync_to_async(get_response))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.files.static_prefix):
            return self.get_response(request)
        return async_to_sync(self.files)(request)


class RefuseNul:
    """400 for a NUL character in an address or a form: nobody types one, PostgreSQL keeps none (its manual, 8.3)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = (*request.GET.lists(), *request.POST.lists())
        if "\0" in request.path_info or any("\0" in text for name, values in given for text in (name, *values)):
            raise BadRequest("A NUL character in the request.")
        return self.get_response(request)


class BrokerContentSecurityPolicy(ContentSecurityPolicyMiddleware):
    """Django's policy, plus the broker's AutoShares issuer as a place that forms may lead to.

    Signing out is a POST that ends at the issuer's own sign-out page, and browsers hold
    `form-action` against every redirect of a submitted form.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        broker = getattr(request, "broker", None)
        if broker is not None and not hasattr(response, "_csp_config") and (issuer := broker.issuer_origin):
            policy = settings.SECURE_CSP
            response._csp_config = policy | {"form-action": policy["form-action"] + [issuer]}  # type: ignore
        return super().process_response(request, response)
