"""The content security policy, completed with what one broker's AutoShares needs."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware


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
