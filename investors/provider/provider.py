"""AutoShares as an identity provider of django-allauth: where a sign-in begins, and who came back from it."""

import secrets
from typing import Any

from allauth.socialaccount.providers.base import AuthProcess, Provider, ProviderAccount
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from autoshares import OAuthClient, challenge_of, new_verifier
from brokers.models import Connection
from investors.returning import next_of


class AutoSharesProvider(Provider):
    """One broker's AutoShares. Its `sub_id` ("autoshares-harbor") keeps the identities of brokers apart.

    allauth keeps the state of a sign-in in the browser's session, one-time and for ten minutes; tokens never get near
    it. Whatever a link may ask for in its query (scopes, other processes), we sign in, and nothing else.
    """

    id = "autoshares"
    name = "AutoShares"
    account_class = ProviderAccount
    supports_redirect = True

    @property
    def connection(self) -> Connection:
        return self.request.broker.connection

    @property
    def oauth(self) -> OAuthClient:
        return self.connection.oauth()

    def get_login_url(self, request: HttpRequest, **query: str) -> str:
        return reverse("autoshares_login", query=query or None)

    def callback_url(self) -> str:
        """The address that AutoShares' administrators have on their list for this host."""
        return self.request.build_absolute_uri(reverse("autoshares_callback"))

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        return {"process": AuthProcess.LOGIN, "next_url": next_of(request)}

    def redirect(self, request, process, next_url=None, data=None, **kwargs) -> HttpResponseRedirect:
        """Send the browser to AutoShares with PKCE (S256), a one-time state and a nonce.

        Asks AutoShares for its addresses first, so that nobody is sent to a door behind which nobody is: raises what
        that call raises.
        """
        oauth, verifier, nonce = self.oauth, new_verifier(), secrets.token_urlsafe(32)
        oauth.discover(fresh=True)
        state_id = self.stash_redirect_state(request, process, next_url, pkce_code_verifier=verifier, nonce=nonce)
        address = oauth.authorize_url(
            redirect_uri=self.callback_url(),
            state=state_id,
            nonce=nonce,
            code_challenge=challenge_of(verifier),
            scope=self.connection.scopes,
            audience=self.connection.audience or None,
        )
        return HttpResponseRedirect(address)

    def extract_uid(self, data: dict[str, Any]) -> str:
        return str(data["sub"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing: the person is in our own row, and a copy of the claims would only grow old."""
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "email": data.get("email"),
            "first_name": data.get("given_name"),
            "last_name": data.get("family_name"),
            "name": data.get("name"),
        }


provider_classes = [AutoSharesProvider]
