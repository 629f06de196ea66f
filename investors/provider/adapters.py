"""How django-allauth works in this house: one provider per broker, our own rows, no second way in."""

import secrets

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from brokers.middleware import BrokerRequest
from investors.kept_forms import KEPT
from investors.provider.admitting import admit_investor
from investors.provider.problems import INACTIVE, draw_problem
from investors.returning import is_safe_address

# Set by us for the length of one callback: the person in this browser is the one who has just come back.
RECONNECTS = "investor_reconnects"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up here by a form: people come from AutoShares, or are created by staff."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """This host alone; allauth would take every host in ALLOWED_HOSTS, other brokers' among them."""
        return is_safe_address(self.request, url or "")

    def respond_user_inactive(self, request: BrokerRequest, user) -> HttpResponse:
        return draw_problem(request, INACTIVE)

    def add_message(self, *args, **kwargs) -> None:
        """allauth's greetings stay silent; our pages have their own words."""

    def logout(self, request: HttpRequest) -> None:
        """Someone else who signs in here gets a new session. The same person keeps theirs, under a new key.

        A form that was kept comes along: it is sealed for its owner, who may be the one that arrives.
        """
        if getattr(request, RECONNECTS, False):
            return
        kept = request.session.get(KEPT)
        logout(request)
        if kept is not None:
            request.session[KEPT] = kept


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(self, request: BrokerRequest, provider=None, client_id=None) -> list[SocialApp]:
        """The one application of the request's broker, from our own table. Raises ConnectionMissing."""
        broker = request.broker
        app = SocialApp(
            provider="autoshares",
            provider_id=f"autoshares-{broker.slug}",
            name="AutoShares",
            client_id=broker.connection.client_id,
        )
        is_meant = provider in {None, app.provider, app.provider_id} and client_id in {None, app.client_id}
        return [app] if is_meant else []

    def pre_social_login(self, request: BrokerRequest, sociallogin) -> None:
        """The identity is proven: find or make the investor and keep their tokens, before the session knows them.

        allauth has looked for them already; whether it found them or not, `admit_investor` is what counts, so that
        there is no sign-up step in which anything could be stashed in the session.
        """
        user = admit_investor(sociallogin, request.broker)
        if not user.is_active:
            raise ImmediateHttpResponse(draw_problem(request, INACTIVE))
        sociallogin.user = user
        setattr(request, RECONNECTS, request.user == user)

    def generate_state_param(self, state: dict) -> str:
        return secrets.token_urlsafe(32)
