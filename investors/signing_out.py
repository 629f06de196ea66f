"""Signing out: first here, whatever happens then; then at AutoShares."""

from django.contrib.auth import logout
from django.urls import reverse

from autoshares.errors import AutoSharesError
from brokers.middleware import BrokerRequest
from brokers.models import Connection, ConnectionMissing
from brokers.vault import SealBroken
from investors.grants.ending import give_back_grant, hasty_oauth
from investors.sessions import forget_session


def sign_out_investor(request: BrokerRequest) -> str:
    """End this browser's session; return where to send the browser, which ends AutoShares' session there too.

    The grant belongs to the investor, not to a browser. While another browser of theirs is signed in, it stays, so
    that the other device asks for nothing; with the last one it is revoked at AutoShares and erased. The session here
    ends before AutoShares is asked, and whatever it answers; if it does not answer, the browser is not sent to a dead
    address, and the page says what may still be open.
    """
    user, connection = request.user, _connection_of(request)
    is_investor = user.is_authenticated and user.broker_id is not None
    is_elsewhere = is_investor and forget_session(request, user)
    logout(request)
    if is_investor and not is_elsewhere:
        give_back_grant(user)
    here = request.build_absolute_uri(reverse("investors:signed-out"))
    if not is_investor or connection is None:
        return here
    try:
        oauth = hasty_oauth(connection)
        oauth.discover(fresh=True)
        return oauth.logout_url(here)
    except (AutoSharesError, SealBroken):
        return reverse("investors:signed-out", query={"incomplete": 1})


def _connection_of(request: BrokerRequest) -> Connection | None:
    try:
        return request.broker.connection
    except ConnectionMissing:
        return None
