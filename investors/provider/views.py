"""The two ends of a sign-in: out to AutoShares, and back with a code."""

import logging
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialLogin
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from autoshares.errors import (
    AutoSharesError,
    IdTokenInvalid,
    InvalidClient,
    InvalidGrant,
    Misconfigured,
    NeverSent,
    RateLimited,
    Unavailable,
)
from brokers.middleware import BrokerRequest
from brokers.models import ConnectionMissing
from brokers.vault import SealBroken
from investors.provider import problems
from investors.provider.admitting import LONGEST_SUBJECT
from investors.provider.problems import SignInEnded, draw_problem
from investors.provider.provider import AutoSharesProvider
from investors.returning import next_of
from investors.signing_in import complete_sign_in

log = logging.getLogger("investors.provider")


@never_cache
@require_http_methods(["GET", "POST"])
def login(request: BrokerRequest) -> HttpResponse:
    """Off to AutoShares. Signs in whoever is there; where AutoShares still knows them, without a question."""
    try:
        provider = _provider_of(request)
        return provider.redirect_from_request(request)
    except (AutoSharesError, ConnectionMissing, SealBroken) as failure:
        return draw_problem(request, _problem_of(request, failure), next_of(request))


@never_cache
@require_GET
def callback(request: BrokerRequest) -> HttpResponse:
    """Back from AutoShares, with a code or an excuse. Every way out is a page."""
    try:
        response = _sign_in(request)
    except SignInEnded as ended:
        response = draw_problem(request, ended.problem, ended.next_url)
    except (ConnectionMissing, SealBroken) as failure:
        response = draw_problem(request, _problem_of(request, failure))
    response["Referrer-Policy"] = "no-referrer"  # this address holds a code
    return response


def _sign_in(request: BrokerRequest) -> HttpResponse:
    provider = _provider_of(request)
    state = _take_state(request, provider)
    next_url = state.get("next")
    try:
        _check_issuer(request, provider)
        code = _read_code(request)
        asked_at = timezone.now()
        tokens = provider.oauth.exchange_code(
            code, redirect_uri=provider.callback_url(), code_verifier=state["pkce_code_verifier"]
        )
        claims = provider.oauth.verify_id_token(tokens.id_token, nonce=state["nonce"])
        person = _person_of(request, provider, claims)
    except SignInEnded as ended:
        raise SignInEnded(ended.problem, next_url) from ended
    except (AutoSharesError, ConnectionMissing, SealBroken) as failure:
        raise SignInEnded(_problem_of(request, failure), next_url) from failure
    person.state, person.tokens, person.obtained_at = state, tokens, asked_at
    response = complete_social_login(request, person)
    if request.user.is_authenticated and response.status_code == 302:
        complete_sign_in(request)
    return response


def _provider_of(request: BrokerRequest) -> AutoSharesProvider:
    return get_adapter(request).get_provider(request, AutoSharesProvider.id)


def _take_state(request: BrokerRequest, provider: AutoSharesProvider) -> dict[str, Any]:
    """What we kept in this browser's session when it left; works once."""
    state_id = request.GET.get("state", "")
    was_known = state_id in statekit.get_states(request)
    state = statekit.unstash_state(request, state_id=state_id, provider_id=provider.sub_id)
    if state is None:
        raise SignInEnded(problems.STATE_EXPIRED if was_known else problems.STATE_UNKNOWN)
    return state


def _check_issuer(request: BrokerRequest, provider: AutoSharesProvider) -> None:
    """Refuse an answer that comes from another server, or does not say (mix-up attack). Source: RFC 9207, 2.4."""
    issuer = request.GET.get("iss")
    is_missing = issuer is None and provider.oauth.discover().names_itself
    if is_missing or issuer not in {None, provider.connection.issuer}:
        log.error("sign-in broker=%s: the redirect does not name our issuer", request.broker.slug)
        raise SignInEnded(problems.ISSUER_WRONG)


def _read_code(request: BrokerRequest) -> str:
    error, code = request.GET.get("error"), request.GET.get("code")
    if error == "access_denied":
        raise SignInEnded(problems.DENIED)
    if error in {"temporarily_unavailable", "server_error"}:
        raise SignInEnded(problems.UNREACHABLE)
    if error or not code:
        raise SignInEnded(problems.REFUSED)
    return code


def _person_of(request: BrokerRequest, provider: AutoSharesProvider, claims: dict[str, Any]) -> SocialLogin:
    """The claims as allauth wants them, with the names set aside: allauth's look-up replaces the user."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise SignInEnded(problems.IDENTITY_INVALID)
    person = provider.sociallogin_from_response(request, claims)
    names = {name: getattr(person.user, name)[:150] for name in ("first_name", "last_name")}
    person.facts = names | {"email": person.user.email}
    return person


def _problem_of(request: BrokerRequest, failure: Exception) -> problems.Problem:
    """The page for a failure of AutoShares, or of our own keys; operators read the rest in the log."""
    if isinstance(failure, InvalidGrant):
        return problems.CODE_REFUSED
    if isinstance(failure, IdTokenInvalid):
        log.error("sign-in broker=%s: %s", request.broker.slug, failure)
        return problems.IDENTITY_INVALID
    if isinstance(failure, InvalidClient | Misconfigured | ConnectionMissing | SealBroken):
        log.error("sign-in broker=%s: our keys do not work: %s", request.broker.slug, type(failure).__name__)
        return problems.MISCONFIGURED
    if isinstance(failure, RateLimited):
        return problems.BUSY
    if isinstance(failure, NeverSent | Unavailable):
        return problems.UNREACHABLE
    log.error("sign-in broker=%s: %s", request.broker.slug, failure)
    return problems.REFUSED
